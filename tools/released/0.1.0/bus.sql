DO $$ BEGIN WHILE pg_current_xact_id()::text::bigint < 1061 LOOP COMMIT; END LOOP; END $$;

CREATE TABLE migrations (id SERIAL NOT NULL, timestamp bigint NOT NULL, name character varying NOT NULL, CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY (id));

CREATE TABLE bus_topics (
     topic text PRIMARY KEY,
     next_offset bigint NOT NULL DEFAULT 0);

CREATE TABLE bus_log (
     topic text NOT NULL,
     "offset" bigint NOT NULL,
     key text NOT NULL,
     event_id text NOT NULL,
     headers jsonb NOT NULL,
     value jsonb NOT NULL,
     ts timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (topic, "offset"),
     UNIQUE (topic, event_id));

CREATE INDEX bus_log_age ON bus_log USING brin (ts);

CREATE TABLE bus_groups (
     name text PRIMARY KEY,
     owner text,
     epoch bigint NOT NULL DEFAULT 0,
     until timestamptz NOT NULL DEFAULT '-infinity');

CREATE FUNCTION bus_publish(topics text[], keys text[], event_ids text[], headers text[], vals text[])
     RETURNS TABLE (topic text, next_offset bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
     #variable_conflict use_column
     BEGIN
       INSERT INTO bus_topics (topic) SELECT DISTINCT t FROM unnest(topics) AS t ORDER BY t ON CONFLICT DO NOTHING;
       PERFORM FROM bus_topics AS b WHERE b.topic = ANY(topics) ORDER BY b.topic FOR UPDATE;
       RETURN QUERY
       WITH fresh AS (
         SELECT DISTINCT ON (m.topic, m.event_id) m.*
           FROM unnest(topics, keys, event_ids, headers, vals) WITH ORDINALITY AS m(topic, key, event_id, headers, value, ord)
          WHERE NOT EXISTS (SELECT FROM bus_log AS l WHERE l.topic = m.topic AND l.event_id = m.event_id)
          ORDER BY m.topic, m.event_id, m.ord
       ), added AS (
         INSERT INTO bus_log (topic, "offset", key, event_id, headers, value)
         SELECT f.topic, b.next_offset - 1 + row_number() OVER (PARTITION BY f.topic ORDER BY f.ord), f.key, f.event_id, f.headers::jsonb, f.value::jsonb
           FROM fresh AS f JOIN bus_topics AS b ON b.topic = f.topic
         RETURNING bus_log.topic
       )
       UPDATE bus_topics AS b SET next_offset = b.next_offset + n.added
         FROM (SELECT a.topic, count(*) AS added FROM added AS a GROUP BY a.topic) AS n
        WHERE b.topic = n.topic
       RETURNING b.topic, b.next_offset;
     END $$;

CREATE FUNCTION bus_prune(older_than interval, at_most integer) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
     WITH old AS (
       SELECT topic, "offset" FROM bus_log WHERE ts < clock_timestamp() - older_than ORDER BY topic, "offset" LIMIT at_most
     ), gone AS (
       DELETE FROM bus_log AS l USING old WHERE l.topic = old.topic AND l."offset" = old."offset" RETURNING 1
     ) SELECT count(*) FROM gone $$;

DO $$ DECLARE other record; BEGIN
     FOR other IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                   WHERE table_schema = 'public' AND table_name = 'bus_log' AND grantee <> current_user LOOP
       EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON bus_log, bus_topics FROM %I', other.grantee);
     END LOOP;
   END $$;

DELETE FROM bus_groups;

INSERT INTO bus_groups OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::bus_groups, '[{"name":"organization","owner":null,"epoch":1,"until":"2026-11-29T08:47:52.698701+00:00"},
{"name":"identity","owner":null,"epoch":1,"until":"2026-11-29T08:47:54.138508+00:00"},
{"name":"job-queue","owner":null,"epoch":1,"until":"2026-11-29T08:47:53.865371+00:00"},
{"name":"key-management","owner":null,"epoch":1,"until":"2026-11-29T08:47:53.37319+00:00"},
{"name":"mailer","owner":null,"epoch":1,"until":"2026-11-29T08:47:53.373519+00:00"},
{"name":"inactivity-policy","owner":null,"epoch":1,"until":"2026-11-29T08:47:52.959627+00:00"}]');

DELETE FROM bus_log;

INSERT INTO bus_log OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::bus_log, '[{"topic":"identity.accounts","offset":0,"key":"sign-up-01a2267d-1d68-75d8-bf62-503bd5bf0386","event_id":"01a2267d-1d70-7044-9896-26f3e661a3d4","headers":{"ce_id": "01a2267d-1d70-7044-9896-26f3e661a3d4", "ce_time": "2026-11-29T08:47:43.440Z", "ce_type": "SignUpRequested.v1", "ce_source": "identity", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-1ce8-7000-a970-be02b44d916d", "stream_version": "1", "source_position": "1.894.1", "stream_previous": "0"},"value":{"signUpId": "01a2267d-1d68-75d8-bf62-503bd5bf0386", "registered": false},"ts":"2026-11-29T08:47:43.553161+00:00"},
{"topic":"mailer.mails","offset":0,"key":"mail-0c688635-0e12-5546-b072-1fe874ee44af","event_id":"01a2267d-22c5-70eb-9324-1b904d6dd24e","headers":{"ce_id": "01a2267d-22c5-70eb-9324-1b904d6dd24e", "ce_time": "2026-11-29T08:47:44.799Z", "ce_type": "MailAccepted.v1", "ce_source": "mailer", "causation_id": "01a2267d-1d70-7044-9896-26f3e661a3d4", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-1ce8-7000-a970-be02b44d916d", "stream_version": "1", "source_position": "1.912.1", "stream_previous": "0"},"value":{"messageId": "0c688635-0e12-5546-b072-1fe874ee44af", "acceptedAt": "2026-11-29T08:47:44.799Z"},"ts":"2026-11-29T08:47:44.942828+00:00"},
{"topic":"identity.accounts","offset":1,"key":"account-01a2267d-2305-7116-af45-c814a3f88898","event_id":"01a2267d-243f-7417-ba1b-6055559b09a9","headers":{"ce_id": "01a2267d-243f-7417-ba1b-6055559b09a9", "ce_time": "2026-11-29T08:47:44.895Z", "ce_type": "AccountRegistered.v1", "ce_source": "identity", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-22d8-7000-9191-e1499c06bc6b", "stream_version": "1", "source_position": "1.918.3", "stream_previous": "0"},"value":{"accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "registeredAt": "2026-11-29T08:47:44.895Z", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"ts":"2026-11-29T08:47:45.348659+00:00"},
{"topic":"identity.logins","offset":0,"key":"login-01a2267d-2305-7116-af45-c814a3f88898","event_id":"01a2267d-2476-74da-892f-ff1aada28825","headers":{"ce_id": "01a2267d-2476-74da-892f-ff1aada28825", "ce_time": "2026-11-29T08:47:44.895Z", "ce_type": "LoginRecorded.v1", "ce_source": "identity", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-22d8-7000-9191-e1499c06bc6b", "stream_version": "1", "source_position": "1.918.6", "stream_previous": "0"},"value":{"at": "2026-11-29T08:47:44.895Z", "method": "sign-up", "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "sessionId": "01a2267d-2468-77a1-ab0a-214daa144fb8"},"ts":"2026-11-29T08:47:45.348744+00:00"},
{"topic":"organization.organizations","offset":0,"key":"organization-01a2267d-2305-7116-af45-cc74967b1453","event_id":"01a2267d-2556-72da-a33f-cb54ea1d2d2a","headers":{"ce_id": "01a2267d-2556-72da-a33f-cb54ea1d2d2a", "ce_time": "2026-11-29T08:47:45.465Z", "ce_type": "OrganizationCreated.v1", "ce_source": "organization", "causation_id": "01a2267d-243f-7417-ba1b-6055559b09a9", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-22d8-7000-9191-e1499c06bc6b", "stream_version": "1", "source_position": "1.928.1", "stream_previous": "0"},"value":{"name": "Personal", "ownerId": "01a2267d-2305-7116-af45-c814a3f88898", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"ts":"2026-11-29T08:47:45.663794+00:00"},
{"topic":"organization.organizations","offset":1,"key":"organization-01a2267d-2305-7116-af45-cc74967b1453","event_id":"01a2267d-2556-72da-a33f-cdf46d975352","headers":{"ce_id": "01a2267d-2556-72da-a33f-cdf46d975352", "ce_time": "2026-11-29T08:47:45.465Z", "ce_type": "ProjectCreated.v1", "ce_source": "organization", "causation_id": "01a2267d-243f-7417-ba1b-6055559b09a9", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-22d8-7000-9191-e1499c06bc6b", "stream_version": "2", "source_position": "1.928.2", "stream_previous": "1"},"value":{"name": "First project", "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"ts":"2026-11-29T08:47:45.663913+00:00"},
{"topic":"key-management.keys","offset":0,"key":"key-01a2267d-26f3-703e-9d22-7826e15caa7b","event_id":"01a2267d-26f5-7404-8d19-ed64cb0ce5a7","headers":{"ce_id": "01a2267d-26f5-7404-8d19-ed64cb0ce5a7", "ce_time": "2026-11-29T08:47:45.628Z", "ce_type": "KeyIssued.v1", "ce_source": "key-management", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-24ef-7000-a5df-2adf496e2959", "stream_version": "1", "source_position": "1.945.1", "stream_previous": "0"},"value":{"name": "laptop", "keyId": "01a2267d-26f3-703e-9d22-7826e15caa7b", "replaces": null, "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "expiresAt": null, "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"ts":"2026-11-29T08:47:45.977493+00:00"},
{"topic":"key-management.keys","offset":1,"key":"key-01a2267d-2797-74b8-aab2-60b5e084d6b6","event_id":"01a2267d-279b-754c-93f8-1a99708b99fb","headers":{"ce_id": "01a2267d-279b-754c-93f8-1a99708b99fb", "ce_time": "2026-11-29T08:47:46.068Z", "ce_type": "KeyIssued.v1", "ce_source": "key-management", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2775-7000-9f53-a415f73c4bcc", "stream_version": "1", "source_position": "1.950.2", "stream_previous": "0"},"value":{"name": "lost", "keyId": "01a2267d-2797-74b8-aab2-60b5e084d6b6", "replaces": null, "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "expiresAt": null, "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"ts":"2026-11-29T08:47:46.131853+00:00"},
{"topic":"job-queue.jobs","offset":0,"key":"job-473dc7da-93ac-4a69-9ae5-fafa3bb96871","event_id":"01a2267d-286e-742c-8524-f204ff40abbf","headers":{"ce_id": "01a2267d-286e-742c-8524-f204ff40abbf", "ce_time": "2026-11-29T08:47:46.278Z", "ce_type": "JobSubmitted.v1", "ce_source": "job-queue", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-27d2-7000-afaf-16e08f598c00", "stream_version": "1", "source_position": "1.959.1", "stream_previous": "0"},"value":{"jobId": "473dc7da-93ac-4a69-9ae5-fafa3bb96871", "keyId": "01a2267d-26f3-703e-9d22-7826e15caa7b", "backend": "simulator", "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78"},"ts":"2026-11-29T08:47:46.380487+00:00"},
{"topic":"job-queue.jobs","offset":1,"key":"job-473dc7da-93ac-4a69-9ae5-fafa3bb96871","event_id":"01a2267d-2a9f-76fc-b8f4-63ab708f882c","headers":{"ce_id": "01a2267d-2a9f-76fc-b8f4-63ab708f882c", "ce_time": "2026-11-29T08:47:46.842Z", "ce_type": "JobCompleted.v1", "ce_source": "job-queue", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "473dc7da-93ac-4a69-9ae5-fafa3bb96871", "stream_version": "3", "source_position": "1.969.3", "stream_previous": "1"},"value":{"jobId": "473dc7da-93ac-4a69-9ae5-fafa3bb96871", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78"},"ts":"2026-11-29T08:47:46.886905+00:00"},
{"topic":"key-management.keys","offset":2,"key":"key-01a2267d-2797-74b8-aab2-60b5e084d6b6","event_id":"01a2267d-2b39-76a6-b733-3056482c498b","headers":{"ce_id": "01a2267d-2b39-76a6-b733-3056482c498b", "ce_time": "2026-11-29T08:47:46.989Z", "ce_type": "KeyRevoked.v1", "ce_source": "key-management", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2b07-7000-99ea-5d4202191f26", "stream_version": "2", "source_position": "1.975.3", "stream_previous": "1"},"value":{"keyId": "01a2267d-2797-74b8-aab2-60b5e084d6b6", "reason": "requested", "accountId": "01a2267d-2305-7116-af45-c814a3f88898", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78"},"ts":"2026-11-29T08:47:47.06003+00:00"},
{"topic":"organization.organizations","offset":2,"key":"invitation-01a2267d-2bf8-7700-921b-2314f17c7e1e","event_id":"01a2267d-2bfa-7515-b115-520a27e03de1","headers":{"ce_id": "01a2267d-2bfa-7515-b115-520a27e03de1", "ce_time": "2026-11-29T08:47:47.134Z", "ce_type": "InvitationSent.v1", "ce_source": "organization", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2b90-7000-a77c-c2d15d01f079", "stream_version": "1", "source_position": "1.983.3", "stream_previous": "0"},"value":{"inviterId": "01a2267d-2305-7116-af45-c814a3f88898", "invitationId": "01a2267d-2bf8-7700-921b-2314f17c7e1e", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"ts":"2026-11-29T08:47:47.223248+00:00"},
{"topic":"mailer.mails","offset":1,"key":"mail-f7a14039-de24-53d3-ba90-bc9f81405029","event_id":"01a2267d-2cea-70ae-9694-83080520703b","headers":{"ce_id": "01a2267d-2cea-70ae-9694-83080520703b", "ce_time": "2026-11-29T08:47:47.414Z", "ce_type": "MailAccepted.v1", "ce_source": "mailer", "causation_id": "01a2267d-2bfa-7515-b115-520a27e03de1", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2b90-7000-a77c-c2d15d01f079", "stream_version": "1", "source_position": "1.996.2", "stream_previous": "0"},"value":{"messageId": "f7a14039-de24-53d3-ba90-bc9f81405029", "acceptedAt": "2026-11-29T08:47:47.414Z"},"ts":"2026-11-29T08:47:47.451719+00:00"},
{"topic":"identity.accounts","offset":2,"key":"account-01a2267d-2d5d-71d7-9fac-4a451026b8cf","event_id":"01a2267d-2de3-75d5-9fc0-28fd791c9e99","headers":{"ce_id": "01a2267d-2de3-75d5-9fc0-28fd791c9e99", "ce_time": "2026-11-29T08:47:47.509Z", "ce_type": "AccountRegistered.v1", "ce_source": "identity", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2d2b-7000-92f9-d5bfb3e03152", "stream_version": "1", "source_position": "1.1002.7", "stream_previous": "0"},"value":{"accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "projectId": "01a2267d-2d5d-71d7-9fac-51aac5c0048a", "registeredAt": "2026-11-29T08:47:47.509Z", "organizationId": "01a2267d-2d5d-71d7-9fac-4d1b9ea72813"},"ts":"2026-11-29T08:47:47.738825+00:00"},
{"topic":"identity.logins","offset":1,"key":"login-01a2267d-2d5d-71d7-9fac-4a451026b8cf","event_id":"01a2267d-2e08-76e8-af61-d18144ae621d","headers":{"ce_id": "01a2267d-2e08-76e8-af61-d18144ae621d", "ce_time": "2026-11-29T08:47:47.509Z", "ce_type": "LoginRecorded.v1", "ce_source": "identity", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2d2b-7000-92f9-d5bfb3e03152", "stream_version": "1", "source_position": "1.1002.10", "stream_previous": "0"},"value":{"at": "2026-11-29T08:47:47.509Z", "method": "invitation", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "sessionId": "01a2267d-2dff-7467-b8de-0649d0ec8eb6"},"ts":"2026-11-29T08:47:47.738994+00:00"},
{"topic":"organization.organizations","offset":3,"key":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","event_id":"01a2267d-2e2e-75f9-9101-9444297eb141","headers":{"ce_id": "01a2267d-2e2e-75f9-9101-9444297eb141", "ce_time": "2026-11-29T08:47:47.752Z", "ce_type": "OrganizationCreated.v1", "ce_source": "organization", "causation_id": "01a2267d-2de3-75d5-9fc0-28fd791c9e99", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2d2b-7000-92f9-d5bfb3e03152", "stream_version": "1", "source_position": "1.1007.4", "stream_previous": "0"},"value":{"name": "Personal", "ownerId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "organizationId": "01a2267d-2d5d-71d7-9fac-4d1b9ea72813"},"ts":"2026-11-29T08:47:47.816688+00:00"},
{"topic":"organization.organizations","offset":4,"key":"organization-01a2267d-2d5d-71d7-9fac-4d1b9ea72813","event_id":"01a2267d-2e2e-75f9-9101-98c58ae0e8d3","headers":{"ce_id": "01a2267d-2e2e-75f9-9101-98c58ae0e8d3", "ce_time": "2026-11-29T08:47:47.752Z", "ce_type": "ProjectCreated.v1", "ce_source": "organization", "causation_id": "01a2267d-2de3-75d5-9fc0-28fd791c9e99", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2d2b-7000-92f9-d5bfb3e03152", "stream_version": "2", "source_position": "1.1007.5", "stream_previous": "1"},"value":{"name": "First project", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "projectId": "01a2267d-2d5d-71d7-9fac-51aac5c0048a", "organizationId": "01a2267d-2d5d-71d7-9fac-4d1b9ea72813"},"ts":"2026-11-29T08:47:47.816891+00:00"},
{"topic":"organization.organizations","offset":7,"key":"organization-01a2267d-2305-7116-af45-cc74967b1453","event_id":"01a2267d-2ee3-76ae-a344-97123f75b598","headers":{"ce_id": "01a2267d-2ee3-76ae-a344-97123f75b598", "ce_time": "2026-11-29T08:47:47.857Z", "ce_type": "MemberRemoved.v1", "ce_source": "organization", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2e86-7000-b662-a5b8eb5e211e", "stream_version": "5", "source_position": "1.1028.9", "stream_previous": "4"},"value":{"reason": "removed", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"ts":"2026-11-29T08:47:48.014174+00:00"},
{"topic":"organization.organizations","offset":5,"key":"organization-01a2267d-2305-7116-af45-cc74967b1453","event_id":"01a2267d-2e54-7575-a1f0-45dd4ab8a478","headers":{"ce_id": "01a2267d-2e54-7575-a1f0-45dd4ab8a478", "ce_time": "2026-11-29T08:47:47.737Z", "ce_type": "MemberJoined.v1", "ce_source": "organization", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2d2b-7000-92f9-d5bfb3e03152", "stream_version": "3", "source_position": "1.1011.7", "stream_previous": "2"},"value":{"role": "member", "accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"ts":"2026-11-29T08:47:47.850544+00:00"},
{"topic":"organization.organizations","offset":6,"key":"organization-01a2267d-2305-7116-af45-cc74967b1453","event_id":"01a2267d-2e54-7575-a1f0-4bf80a5f11df","headers":{"ce_id": "01a2267d-2e54-7575-a1f0-4bf80a5f11df", "ce_time": "2026-11-29T08:47:47.737Z", "ce_type": "ProjectMemberAdded.v1", "ce_source": "organization", "content-type": "application/json", "ce_specversion": "1.0", "correlation_id": "01a2267d-2d2b-7000-92f9-d5bfb3e03152", "stream_version": "4", "source_position": "1.1011.8", "stream_previous": "3"},"value":{"accountId": "01a2267d-2d5d-71d7-9fac-4a451026b8cf", "projectId": "01a2267d-2305-7116-af45-d2d4beb4af78", "organizationId": "01a2267d-2305-7116-af45-cc74967b1453"},"ts":"2026-11-29T08:47:47.850665+00:00"}]');

DELETE FROM bus_topics;

INSERT INTO bus_topics OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::bus_topics, '[{"topic":"job-queue.jobs","next_offset":2},
{"topic":"key-management.keys","next_offset":3},
{"topic":"mailer.mails","next_offset":2},
{"topic":"identity.logins","next_offset":2},
{"topic":"identity.accounts","next_offset":3},
{"topic":"organization.organizations","next_offset":8}]');

DELETE FROM migrations;

INSERT INTO migrations OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::migrations, '[{"id":1,"timestamp":1,"name":"Bus0000000000001"}]');

SELECT setval('migrations_id_seq', 1);
