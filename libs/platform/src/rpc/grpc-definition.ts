import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GRPC_PACKAGES, type GrpcOwner } from '#contracts';

/** The folder of the protos, from source and from the build alike. */
export const PROTO_FOLDER = ((at) => {
  while (!existsSync(join(at, 'libs', 'contracts', 'proto'))) at = dirname(at);
  return join(at, 'libs', 'contracts', 'proto');
})(dirname(fileURLToPath(import.meta.url)));

/** How protos become objects: camelCase, lists never missing, absent optional fields absent. */
export const LOADER = {
  keepCase: false,
  longs: Number,
  enums: String,
  defaults: true,
  arrays: true,
  objects: false,
  oneofs: false,
  includeDirs: [PROTO_FOLDER],
};

/** `rollcall.identity.v1` lies in `rollcall/identity/v1/identity.proto`. */
export const protoFiles = (owner: GrpcOwner): string[] =>
  GRPC_PACKAGES[owner].map((name) => {
    const parts = name.split('.');
    return join(...parts, `${parts[1] ?? ''}.proto`);
  });
