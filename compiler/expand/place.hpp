/// Gives everything that an expansion made the place of what asked for it.
#pragma once

#include "compiler/syntax/syntax.hpp"

namespace tally {

void place(syntax::Type& type, Span at);
void place(syntax::Expr& expr, Span at);
void place(std::vector<syntax::StmtPtr>& block, Span at);
void place(syntax::Field& field, Span at);
void place(syntax::Fn& fn, Span at);

} // namespace tally
