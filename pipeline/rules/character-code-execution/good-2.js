const column = (index) => String.fromCharCode(65 + index);
console.log(column(2));
