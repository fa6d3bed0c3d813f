/// `book` and `adds` in terms of the rest of the language. A book is sugar: its state becomes fields, its
/// entries an enum and a list of rows, its code functions; `play` sorts the steps and entries of a stretch
/// of days into one agenda and runs it in order. What is made here is checked like anything that was
/// written; its names hold `__`, which no source may.
#pragma once

#include "compiler/diag/diag.hpp"
#include "compiler/syntax/syntax.hpp"

namespace tally {

/// Rewrites every contract of the file that has a book. Complaints point at the book itself.
void expand_books(syntax::File& file, Sources& sources, Sink& sink);

} // namespace tally
