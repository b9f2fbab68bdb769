-- What a ledger of version 1 looked like: never edit, the next version must still read it.
BEGIN TRANSACTION;
CREATE TABLE job (
      key          text primary key,
      model_id     text not null,
      body_sha256  text not null,
      state        text not null check (state in ('intent', 'sending', 'submitted', 'completed',
                                        'downloaded', 'unknown', 'rejected', 'failed')),
      attempt      integer not null default 0,
      owner        integer,         -- who works on it; null when nobody does
      run          text not null,
      request_id   text unique,
      base_url     text not null,
      price_micros integer check (price_micros >= 0),
      charged      text not null default 'no' check (charged in ('no', 'yes', 'unknown')),
      callback     text,
      created_at   real not null,
      updated_at   real not null,
      sent_at      real,
      completed_at real,
      elapsed_s    real,
      media        text,
      answer       text,
      files        text,
      error        text,
      note         text
    ) strict
    ;
INSERT INTO "job" VALUES('a','qwen-image-layered','f1e81a48d46cea24c6d65db16aba27c367182af11efe5e2d4a2f9e999ee7f826','downloaded',1,NULL,'process 1','id-of-a','',50000,'yes',NULL,1790000000.0,1790000000.0,1790000000.0,1790000000.0,12.5,'["https://m.example/0.png"]',NULL,'["a-0.png"]',NULL,NULL);
INSERT INTO "job" VALUES('b','qwen-image-layered','26ba4dbdbd706a17ba4172f75dbebb1f05a93784dbb4e1a58480c95928f68078','sending',1,1,'process 1',NULL,'',50000,'unknown',NULL,1790000000.0,1790000000.0,1790000000.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "job" VALUES('c','qwen-image-layered','4e69fcc04d73d3c9e864f2d2d9c14591736d55414a32e05d684e9b9b7bdc924f','intent',0,1,'process 1',NULL,'',50000,'no',NULL,1790000000.0,1790000000.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE owner (
      number     integer primary key autoincrement,
      pid        integer not null,  -- for people; liveness is a lock, see lock.py
      started_at real not null
    ) strict
    ;
INSERT INTO "owner" VALUES(1,20042,1790000000.0);
CREATE TABLE purse (
      run      text not null,
      day      integer not null,    -- since 1970, UTC
      micros   integer not null,
      unpriced integer not null,
      primary key (run, day)
    ) strict, without rowid
    ;
INSERT INTO "purse" VALUES('process 1',20717,100000,0);
CREATE TABLE request (
      key  text primary key references job(key) on delete cascade,
      json text not null
    ) strict
    ;
INSERT INTO "request" VALUES('a','{"model":"qwen-image-layered","prompt":"a"}');
INSERT INTO "request" VALUES('b','{"model":"qwen-image-layered","prompt":"b"}');
INSERT INTO "request" VALUES('c','{"model":"qwen-image-layered","prompt":"c"}');
CREATE TABLE spend (
      key      text not null,
      attempt  integer not null,
      model_id text not null,
      run      text not null,
      at       real not null,
      micros   integer check (micros >= 0),  -- null: nobody knows the price
      assumed  integer not null default 0,
      outcome  text not null check (outcome in ('reserved', 'charged', 'returned', 'unknown')),
      primary key (key, attempt)
    ) strict, without rowid
    ;
INSERT INTO "spend" VALUES('a',1,'qwen-image-layered','process 1',1790000000.0,50000,0,'charged');
INSERT INTO "spend" VALUES('b',1,'qwen-image-layered','process 1',1790000000.0,50000,0,'reserved');
CREATE INDEX job_open on job(state) where state not in ('downloaded', 'rejected', 'failed');
CREATE INDEX job_durations on job(model_id, completed_at) where elapsed_s is not null;
CREATE TRIGGER spend_begun after insert on spend begin
      insert into purse(run, day, micros, unpriced)
        values (new.run, cast(new.at / 86400 as integer),
                coalesce(new.micros, 0), new.micros is null)
        on conflict(run, day) do update
          set micros = micros + excluded.micros, unpriced = unpriced + excluded.unpriced;
    end;
CREATE TRIGGER spend_settled after update of outcome on spend
      when (old.outcome = 'returned') <> (new.outcome = 'returned')
    begin
      update purse set
        micros = micros + iif(new.outcome = 'returned', -1, 1) * coalesce(new.micros, 0),
        unpriced = unpriced + iif(new.outcome = 'returned', -1, 1) * (new.micros is null)
      where run = new.run and day = cast(new.at / 86400 as integer);
    end;
CREATE INDEX purse_day on purse(day);
COMMIT;
PRAGMA application_id = 1886937466;
PRAGMA user_version = 1;
