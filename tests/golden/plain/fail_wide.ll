; refused wide integers: an integer of more than 128 bits in the function `f`
define i129 @f(i129 %a) {
  ret i129 %a
}
