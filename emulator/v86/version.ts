// The one version of v86 that this project is pinned to.

/** Version and hash of the VMM that the anchors were measured on. */
export const PINNED_V86 = {
  version: '0.5.462+g5f9a90f',
  /** SHA-256 of build/v86.wasm. */
  wasmSha256: 'aa0d0e149d6b60063b85de4871e78505637ce92821e14a9f9802c4008ba2336e',
  /** SHA-256 of build/libv86.js, the device models. */
  librarySha256: '8715206b8c5ab0a206f6e8913c5f705a15547df51d3e0c032e3d00439303c94c',
} as const;

/**
 * SHA-256 of the rewritten v86.wasm. It names the set of hooks: whoever changes what `instrument` makes changes it, with
 * `npm run hooks:accept`, and copies in caches grow stale.
 */
export const HOOKED_SHA256 = '69d99e85f4315ad4015ac886b74e540b2922611d9ca0d89f188cd39a378e58ac';
