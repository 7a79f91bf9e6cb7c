export type { HeaderValueOption } from '../generated/envoy/config/core/v3/base.ts';
export type { CheckRequest, CheckResponse } from '../generated/envoy/service/auth/v3/external_auth.ts';
