DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint < 1061 LOOP COMMIT; END LOOP; END $$;

CREATE TABLE migrations (id SERIAL NOT NULL, timestamp bigint NOT NULL, name character varying NOT NULL, CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY (id));

CREATE TABLE person_keys (
     person_id text PRIMARY KEY,
     wrapped bytea,
     destroyed_at timestamptz);

DELETE FROM migrations;

INSERT INTO migrations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::migrations, '[{"id":1,"timestamp":1,"name":"PersonKeys0000000000001"}]');

DELETE FROM person_keys;

INSERT INTO person_keys OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::person_keys,  E'[{"person_id":"01a2267d-2305-7116-af45-c814a3f88898","wrapped":"\\\\x9c19f68bddb718aafea2169f167bcf906b3fe2d21bb414e1df12acff8638f45ee9e156e7b8c21e7033d7e9582a6af0b60ba3acd383d78e42eeb122f2","destroyed_at":null},
{"person_id":"01a2267d-2d5d-71d7-9fac-4a451026b8cf","wrapped":"\\\\x0f73cd4fa91e14d200599c227d26ba365e3a634d16aa4c5591a43e02396f41b798503d861b1c3493297cb89611043e93cf98c83a018aff99630e2be3","destroyed_at":null}]');

SELECT setval('migrations_id_seq', 1);
