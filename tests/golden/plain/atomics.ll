; exit 21
@v = global i16 5
define i32 @main() {
  %a = atomicrmw add ptr @v, i16 3 seq_cst
  %b = atomicrmw umax ptr @v, i16 7 seq_cst
  fence seq_cst
  %c = cmpxchg ptr @v, i16 8, i16 16 seq_cst seq_cst
  %d = extractvalue { i16, i1 } %c, 1
  %e = load atomic i16, ptr @v seq_cst, align 2
  %f = zext i1 %d to i16
  %g = sub i16 %e, %f
  %h = add i16 %g, %a
  %i = sub i16 %h, %b
  %j = add i16 %i, 9
  %r = zext i16 %j to i32
  ret i32 %r
}
