import { ConfigError } from '#platform';
import { readSettings } from './settings.ts';

const faults = (env: NodeJS.ProcessEnv) => {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.faults : [String(error)];
  }
};

describe('readSettings', () => {
  it('needs nothing: loopback, port 8080, development aids', () => {
    expect(readSettings({})).toMatchObject({ port: 8080, origin: 'http://localhost:8080', development: true });
  });
  it('names every fault at once, with its mend', () => {
    expect(
      faults({ PORT: 'many', ROLLCALL_ORIGIN: 'http://id.example.com', SMTP_URL: 'mail', ROLLCALL_DEV: 'yes' }),
    ).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^PORT: .*8080/),
        expect.stringMatching(/^ROLLCALL_ORIGIN: .*https/),
        expect.stringMatching(/^SMTP_URL: /),
        expect.stringMatching(/^ROLLCALL_DEV: /),
      ]),
    );
  });
  it('does not start without development aids and without a mail server: live links would be caught', () => {
    expect(faults({ ROLLCALL_DEV: '0' })).toEqual([expect.stringMatching(/^SMTP_URL: /)]);
    expect(faults({ ROLLCALL_ORIGIN: 'https://id.example.com' })).toEqual([expect.stringMatching(/^SMTP_URL: /)]);
    expect(readSettings({ ROLLCALL_DEV: '0', SMTP_URL: 'smtp://mail.example.com' }).development).toBe(false);
  });
  it('names a wrong port alone, not what follows from it', () => {
    expect(faults({ PORT: 'abc' })).toHaveLength(1);
  });
  it('names a place for metrics or traces that cannot be, and takes an empty one for none', () => {
    expect(faults({ METRICS_PORT: 'many', OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' })).toEqual([
      expect.stringMatching(/^METRICS_PORT: .*9464/),
      expect.stringMatching(/^OTEL_EXPORTER_OTLP_ENDPOINT: .*4318/),
    ]);
    expect(readSettings({ METRICS_PORT: '', OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toMatchObject({
      metricsPort: undefined,
      otelExporterOtlpEndpoint: undefined,
    });
  });
  it('names ports for services of the platform that cannot be, and takes an empty one for none', () => {
    expect(faults({ INTERNAL_PORT: '0', INTERNAL_GRPC_PORT: 'many' })).toEqual([
      expect.stringMatching(/^INTERNAL_PORT: .*8081/),
      expect.stringMatching(/^INTERNAL_GRPC_PORT: .*8091/),
    ]);
    expect(readSettings({ INTERNAL_PORT: '', INTERNAL_GRPC_PORT: '8091' })).toMatchObject({
      internalPort: undefined,
      internalGrpcPort: 8091,
    });
  });
  it('names a lease or a number of verdicts that cannot be, and takes 0 for none', () => {
    expect(faults({ LEASE: '1', VERDICTS_MAX: 'all' })).toEqual([
      expect.stringMatching(/^LEASE: .*0/),
      expect.stringMatching(/^VERDICTS_MAX: .*200000/),
    ]);
    expect(readSettings({ LEASE: '0', VERDICTS_MAX: '0' })).toMatchObject({ lease: 0, verdictsMax: 0 });
    expect(readSettings({ LEASE: '', VERDICTS_MAX: '' })).toMatchObject({ lease: 10, verdictsMax: 200_000 });
  });
  it('names partitions and copies of topics that cannot be, and tells of others', () => {
    expect(faults({ KAFKA_PARTITIONS: 'many', KAFKA_REPLICATION: '0' })).toEqual([
      expect.stringMatching(/^KAFKA_PARTITIONS: /),
      expect.stringMatching(/^KAFKA_REPLICATION: /),
    ]);
    expect(readSettings({ KAFKA_PARTITIONS: '9' })).toMatchObject({ kafkaPartitions: 9, kafkaReplication: 1 });
  });
  it('names proxies that cannot be, and takes an empty word for none', () => {
    expect(faults({ TRUSTED_PROXIES: 'all of them' })).toEqual([expect.stringMatching(/^TRUSTED_PROXIES: .*loopback/)]);
    expect(readSettings({ TRUSTED_PROXIES: '' }).trustedProxies).toBeUndefined();
    expect(readSettings({ TRUSTED_PROXIES: 'loopback,10.0.0.0/8' }).trustedProxies).toBe('loopback,10.0.0.0/8');
  });
  it('never repeats a value: it may be a secret', () => {
    expect(faults({ SMTP_URL: 'user:canary@host' }).join()).not.toContain('canary');
  });
  it('switches development aids off where mail really goes out', () => {
    expect(readSettings({ SMTP_URL: 'smtp://mail.example.com' }).development).toBe(false);
  });
  it('does not start development aids on a public origin', () => {
    expect(faults({ ROLLCALL_ORIGIN: 'https://id.example.com', ROLLCALL_DEV: '1' })).toHaveLength(1);
  });
  it('refuses an origin with a path', () => {
    expect(faults({ ROLLCALL_ORIGIN: 'https://id.example.com/rollcall' })).toHaveLength(1);
  });
});
