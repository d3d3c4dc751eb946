/** The part of fs-native-extensions 1.5 that Sealane uses; the package ships no types. */
declare module 'fs-native-extensions' {
  interface FsNativeExtensions {
    /**
     * Asks the kernel for an exclusive lock on the whole of an open, writable file, and gives whether it was
     * granted. It belongs to the open file description (F_OFD_SETLK on Linux, flock on macOS, LockFileEx on
     * Windows): another `open` of the same file is refused, in this process too, until the descriptor is
     * closed or the process ends. Throws what the system says otherwise.
     */
    tryLock(fd: number): boolean;
  }
  const fsNativeExtensions: FsNativeExtensions;
  export default fsNativeExtensions;
}
