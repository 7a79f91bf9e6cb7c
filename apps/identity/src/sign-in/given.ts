import type { identity } from '#contracts';

/** What was shown; fields that are absent arrive as null. */
export function given(proof: identity.Proof | undefined): identity.Proof {
  const { password, totp, recoveryCode, passkey, origin } = proof ?? {};
  return {
    ...(password == null ? {} : { password }),
    ...(totp == null ? {} : { totp }),
    ...(recoveryCode == null ? {} : { recoveryCode }),
    ...(passkey == null ? {} : { passkey }),
    ...(origin == null ? {} : { origin }),
  };
}
