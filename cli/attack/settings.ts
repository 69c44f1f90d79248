// The four settings in which every wolf runs: the ablation of the paper's two halves.

/** Whether VMM code is restricted, and whether EDM lies at a random place. */
export interface Setting {
  readonly ipr: boolean;
  readonly asr: boolean;
}

/** What ships first; what has neither last. */
export const SETTINGS: readonly Setting[] = [
  { ipr: true, asr: true },
  { ipr: true, asr: false },
  { ipr: false, asr: true },
  { ipr: false, asr: false },
];

export const settingName = ({ ipr, asr }: Setting): string => `${ipr ? 'IPR' : 'no IPR'}, ${asr ? 'ASR' : 'no ASR'}`;
