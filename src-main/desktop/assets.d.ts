/** Pictures that the build puts into the program itself, as data: addresses. */
declare module '*.png?inline' {
  const address: string;
  export default address;
}
