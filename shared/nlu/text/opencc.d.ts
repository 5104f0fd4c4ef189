declare module 'opencc-js/dict/TSCharacters' {
  /** `萬 万|與 与|…`: a traditional character, a space, its simplified forms. */
  const characters: string;
  export default characters;
}
