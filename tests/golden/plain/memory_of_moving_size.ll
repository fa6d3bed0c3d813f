; exit 0
; Each round takes a block; the function gives them back, or a thousand rounds would not fit.
@n = global i64 100000
define i64 @round() {
  %n = load i64, ptr @n
  %p = alloca i8, i64 %n, align 64
  %at = getelementptr i8, ptr %p, i64 99999
  store i8 1, ptr %at
  %a = ptrtoint ptr %p to i64
  %low = and i64 %a, 63
  ret i64 %low
}
define i32 @main() {
  br label %loop
loop:
  %i = phi i32 [ 0, %0 ], [ %next, %loop ]
  %sum = phi i64 [ 0, %0 ], [ %more, %loop ]
  %low = call i64 @round()
  %more = add i64 %sum, %low
  %next = add i32 %i, 1
  %again = icmp ult i32 %next, 1000
  br i1 %again, label %loop, label %end
end:
  %r = trunc i64 %more to i32
  ret i32 %r
}
