; exit 3
@ways = global [2 x ptr] [ptr blockaddress(@main, %one), ptr blockaddress(@main, %two)]
define i32 @main() {
  %at = getelementptr [2 x ptr], ptr @ways, i64 0, i64 1
  %to = load ptr, ptr %at
  indirectbr ptr %to, [ label %one, label %two ]
one:
  ret i32 2
two:
  ret i32 3
}
