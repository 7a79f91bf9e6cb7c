export * from './base/clock.ts';
export * from './base/time.ts';
export * from './base/config.ts';
export { DAY_MS, forgetting } from './base/forgetting.ts';
export * from './base/brand.ts';
export { Certificates, type Tls, tlsConfig } from './base/tls.ts';
export * from './base/problem.ts';
export { inProject } from './base/project.ts';
export * from './json/body-reader.ts';
export * from './json/pointer.ts';
export { type JsonLimits, readJson } from './json/scan-json.ts';
export * from './rpc/call-context.ts';
export * from './rpc/caller-tokens.ts';
export * from './rpc/caller.guard.ts';
export { WhateverTheLog } from './rpc/whole-log.interceptor.ts';
export * from './rpc/parse.ts';
export * from './rpc/peers.ts';
export { LOADER } from './rpc/grpc-definition.ts';
export * from './rpc/server-stream.ts';
export * from './rpc/tls-credentials.ts';
export * from './base/logger.ts';
export * from './base/database.ts';
export * from './base/migrations.ts';
export * from './base/page.ts';
export * from './base/masked-email.ts';
export * from './base/throttle.ts';
export * from './parts/projections.ts';
export * from './parts/read-models.ts';
export * from './history/owner-history.ts';
export { counted, registry, timed, watched } from './observe/metrics.ts';
export type { Tally } from './observe/tallied-histogram.ts';
export { observeCalls } from './rpc/calls.ts';
export { type Judgement, observe } from './observe/observed.ts';
export { startObservingServer } from './observe/observing-server.ts';
export { beginSpan, contextOf, failSpan, isTracing, startTracing } from './observe/tracing.ts';
export * from './parts/service-parts.ts';
export * from './history/foreign-streams.ts';
export * from './service/service.module.ts';
export * from './service/start-service.ts';
export * from './service/run-process.ts';
export * from './operations/operations-schema.ts';
export * from './operations/operator-actions.ts';
export { HOUR_MS, type Housework } from './operations/housekeeping.ts';
export { resealing, sealedBefore, type SealedRows, type Seals } from './operations/resealing.ts';
export { parkedView, shown, tail } from './operations/log-reading.ts';
export * from './service/open-bus.ts';
export * from './service/run-service.ts';
export * from './outbound/outbound.ts';
export * from './tokens/api-key.ts';
export * from './tokens/link-token.ts';
export * from './tokens/keyed-digest.ts';
export {
  KEY_PURPOSES,
  type KeyPurpose,
  makingKey,
  masterKeysOf,
  masterRing,
  nextStep,
  type RingStep,
  ringNames,
  ringsOf,
  ringOf,
  stepped,
} from './tokens/key-ring.ts';
export * from './base/sample-secrets.ts';
export * from './base/settings.ts';
export * from './saml/names.ts';
export * from './saml/read-xml.ts';
export * from './saml/metadata.ts';
