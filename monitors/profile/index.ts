// Profiles: what was inferred of a guest's kernel, as data that outlives the run.
export { addressIn, fixedAddress, relativeAddress, type StoredAddress } from './address.ts';
export { located, type Stored, stored } from './address-fields.ts';
export { type Anchor, anchorAddress, findAnchor, interruptGate } from './anchor.ts';
export { samePiece, takePiece } from './code-pieces.ts';
export { locate, reachKernel } from './locate.ts';
export { override, parseSetting } from './override.ts';
export {
  type CodePiece,
  checkProfile,
  PROFILE_VERSION,
  type Profile,
  ProfileError,
  type ProfileParameter,
  parseProfile,
  profileText,
  type StoredEvidence,
} from './profile.ts';
export { isParameterName, PARAMETER_FORMS, PARAMETER_NAMES } from './values.ts';
