; exit 5
define i32 @main() {
  %a = call i32 asm sideeffect "", "=r,0"(i32 5)
  call void asm sideeffect "", "~{memory}"()
  ret i32 %a
}
