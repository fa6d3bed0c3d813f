/// How the evaluator goes through a collection. Only its own files include this.
#pragma once

#include "tests/agreement/evaluate.hpp"

namespace tally::agreement {

/// What is kept by key is gone through as it is at each step, everything else as it was at the start.
template <typename Each> void Evaluator::iterate(Frame& f, const TExpr& over, Each each) {
    const Ty* type = over.type;
    const bool map = type->is(Kind::Map);
    const std::size_t stride = map ? 2 : 1;
    const auto element_of = [&](const Value& collection, std::size_t at) {
        return map ? Element{collection.parts[at], collection.parts[at + 1]} : Element{number(static_cast<i128>(at)), collection.parts[at]};
    };
    const bool vault_keys = over.op == Op::VaultKeys;
    const bool live = vault_keys || kept_by_key(*f.self, over);
    if (!live) {
        const Value all = expr(f, over);
        for (std::size_t at = 0; at < all.parts.size(); at += stride)
            if (!each(element_of(all, at))) return;
        return;
    }
    const bool parents = over.op == Op::ParentField;
    Value& now = parents ? field(f, over) : f.self->fields[static_cast<std::size_t>(over.index)];
    const Ty* stored = (parents ? f.self->decl->parent : f.self->decl)->fields[static_cast<std::size_t>(over.index)].type;
    const bool keyed = stored->is(Kind::Map);
    for (std::size_t at = 0; at < now.parts.size();) {
        const Element element = keyed ? Element{now.parts[at], vault_keys ? now.parts[at] : now.parts[at + 1]} : element_of(now, at);
        if (!each(element)) return;
        if (!keyed) {
            ++at;
            continue;
        }
        bool found = false; // the first key after this one, whether it is still there or not
        at = find_key(now, element.key, stored, found) + (found ? 2 : 0);
    }
}

} // namespace tally::agreement
