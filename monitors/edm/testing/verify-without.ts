// For tests: the verifier with one of its rules taken away. It has no switch for that itself, so that nobody can find one.
import type { Refusal } from '../ipr.ts';
import { type Rule, verify } from '../verify/index.ts';
import { Module } from '../verify/module.ts';

export function verifyWithout(rule: Rule, ...module: Parameters<typeof verify>): Refusal | undefined {
  const { refuse } = Module.prototype;
  Module.prototype.refuse = function (this: Module, broken: Rule, ...found: [string, number?]) {
    if (broken !== rule) refuse.call(this, broken, ...found);
  } as typeof refuse;
  try {
    return verify(...module);
  } finally {
    Module.prototype.refuse = refuse;
  }
}
