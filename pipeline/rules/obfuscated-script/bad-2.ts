const _0x4c2e=['\x6c\x6f\x67','\x6a\x6f\x69\x6e','\x61\x72\x67\x76'];
function _0x11aa(_0x22bb:number){return _0x4c2e[_0x22bb];}
function _0x33cc(_0x44dd:string[]){return (_0x44dd as any)[_0x11aa(1)](' ');}
(console as any)[_0x11aa(0)](_0x33cc((process as any)[_0x11aa(2)]));
