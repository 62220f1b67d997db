// What a TypeScript program can say with the generated types; tsc checks it.
import type { components as Cloudcheck, paths as CloudcheckPaths } from "./cloudcheck";
import type { components as Control } from "./control";
import type { components as Shufti, paths as ShuftiPaths } from "./shuftipro";

type VerifyAnswer = CloudcheckPaths["/verify/"]["post"]["responses"]["200"]["content"]["application/json"];
type Body = ShuftiPaths["/"]["post"]["requestBody"]["content"]["application/json"];

export function isVerified(answer: VerifyAnswer): boolean {
  if ("verification" in answer && "verificationSuccess" in answer.verification) {
    const { validated, sources, reference }: Cloudcheck["schemas"]["Verification"] = answer.verification;
    return validated.name && sources.every((source) => !source.error) && reference?.length !== 0;
  }
  return false;
}

export const screening: Body = { reference: "sign-up-0001", background_checks: { dob: "1979-11-04" } };

export function reasons(verification: Shufti["schemas"]["Verification"]): string[] {
  const verdict: 0 | 1 | null | undefined = verification.verification_result?.face;
  return verdict === 0 ? verification.declined_codes ?? [] : [];
}

export const undelivered = (callback: Control["schemas"]["Callback"]): boolean => callback.attempts.length === 0;

// @ts-expect-error an event is one of the vendor's
export const wrong: Shufti["schemas"]["Verification"] = { reference: "sign-up-0001", event: "verification.maybe" };
