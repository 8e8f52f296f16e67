/*! tiny-table 1.2.0 | MIT */!function(t,e){t.Table=e()}(this,function(){"use strict";function t(t){this.rows=t}return t.prototype.text=function(){return this.rows.map(function(t){return t.join("\t")}).join("\n")},t});
const mask = 0x1f, flag = 0x2a, clear = "\x1b[0m";
