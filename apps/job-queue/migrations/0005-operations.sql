-- formerly Operations0000000000002

CREATE TABLE operator_actions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  operator text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  reason text,
  offline boolean NOT NULL DEFAULT false);
DO $$ DECLARE other record; BEGIN
  FOR other IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                WHERE table_schema = 'public' AND table_name = 'operator_actions' AND grantee <> current_user LOOP
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON operator_actions FROM %I', other.grantee);
  END LOOP;
END $$;
