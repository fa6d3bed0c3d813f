// Collections in the arena and by key, loops over them, allocate and waterfall.
#include "compiler/lower/lowering.hpp"

#include "vm/bytecode/limits.hpp"

namespace tally::lower_detail {

using COp = check::Op;

Value* Lowering::collection(const TExpr& e) {
    const auto& object = *e.args[0];
    const Ty* type = object.type;
    const bool own = object.op == COp::Field && stored(contract_, object.index);
    const bool parents = object.op == COp::ParentField && stored(contract_->parent, object.index);
    Value* number = i64c(type_number(type));
    const auto live_place = [&] { return object.op == COp::Field || object.op == COp::Local || object.op == COp::Member || object.op == COp::Index ||
                                         object.op == COp::MapAt || object.op == COp::ParentField ? place(object) : expr(object); };
    const auto element_at = [&](Value* base, const Ty* element) { return load(element, base); };
    switch (e.op) {
    case COp::Count: case COp::IsEmpty: {
        // A stored collection has its count in the record.
        Value* base = object.op == COp::Field ? self_field(object.index) : object.op == COp::ParentField ? parent_field(object.index) : expr(object);
        Value* count = b_->CreateAlignedLoad(i64_, base, llvm::Align(8));
        return e.op == COp::Count ? count : b_->CreateICmpEQ(count, i64c(0));
    }
    case COp::Has: {
        if (own || parents) {
            Value* found = nullptr;
            stored_lookup(object, *e.args[1], type->is(Kind::Map) ? type->element : t_.integer, &found);
            return b_->CreateICmpNE(found, i64c(0));
        }
        Value* entry = host(HostFn::MapFind, {number, expr(object), address_of(*e.args[1])});
        return b_->CreateICmpNE(entry, llvm::ConstantPointerNull::get(ptr_));
    }
    case COp::Get: {
        Value* out = temporary(type->element);
        auto *hit = new_block("hit"), *miss = new_block("miss"), *done = new_block("done");
        if (own || parents) {
            Value* found = nullptr;
            Value* value = stored_lookup(object, *e.args[1], type->element, &found);
            b_->CreateCondBr(b_->CreateICmpNE(found, i64c(0)), hit, miss);
            b_->SetInsertPoint(hit);
            store(load(type->element, value), type->element, out);
        } else {
            Value* entry = host(HostFn::MapFind, {number, expr(object), address_of(*e.args[1])});
            b_->CreateCondBr(b_->CreateICmpNE(entry, llvm::ConstantPointerNull::get(ptr_)), hit, miss);
            b_->SetInsertPoint(hit);
            store(load(type->element, entry), type->element, out);
        }
        b_->CreateBr(done);
        b_->SetInsertPoint(miss);
        store(expr(*e.args[2]), type->element, out);
        b_->CreateBr(done);
        b_->SetInsertPoint(done);
        return element_at(out, type->element);
    }
    case COp::Insert:
        host(HostFn::MapInsert, {number, live_place(), address_of(*e.args[1])});
        return nullptr;
    case COp::InsertAll: {
        Value* set = live_place();
        const auto& others = *e.args[1];
        iterate(others, true, [&](Value* key, Value* element) {
            Value* one = others.type->is(Kind::Set) || others.type->is(Kind::List) ? element : key;
            host(HostFn::MapInsert, {number, set, others.type->element->aggregate() ? one : in_memory(one, others.type->element)});
        });
        return nullptr;
    }
    case COp::Remove:
        if (own) host(HostFn::StoredRemove, {i64c(object.index), address_of(*e.args[1])});
        else host(HostFn::MapRemove, {number, live_place(), address_of(*e.args[1])});
        return nullptr;
    case COp::Push: {
        Value* list = own ? nullptr : live_place(); // from left to right
        Value* value = expr(*e.args[1]);
        if (own) {
            Value* count = b_->CreateAlignedLoad(i64_, self_field(object.index), llvm::Align(8));
            check_or_trap(b_->CreateICmpSLT(count, i64c(type->max)), Trap::Capacity);
            Value* element = type->element->aggregate() ? value : in_memory(value, type->element);
            host(HostFn::StoredPut, {i64c(object.index), in_memory(count, t_.integer), element}, value_bytes(type->element));
            return nullptr;
        }
        append(list, type, value);
        return nullptr;
    }
    case COp::Keys: {
        Value* out = temporary(e.type);
        b_->CreateAlignedStore(i64c(0), out, llvm::Align(8));
        const auto l = layout(e.type);
        iterate(object, false, [&](Value* key, Value*) {
            Value* count = b_->CreateAlignedLoad(i64_, out, llvm::Align(8));
            store(key, type->key, at(out, b_->CreateAdd(b_->CreateMul(count, i64c(l.stride)), i64c(l.first))));
            b_->CreateAlignedStore(b_->CreateAdd(count, i64c(1)), out, llvm::Align(8));
        });
        return out;
    }
    default: internal(e.span, "collection"); return undefined(e.type);
    }
}

// ---- loops -------------------------------------------------------------------------------------------------

/// A round is marked where it begins, so that the most that a loop can cost is known of the code as it is.
void Lowering::round_begins(const std::string& name, std::uint64_t max) {
    const auto number = out_.loops.size();
    out_.loops.push_back({name, max});
    b_->CreateCall(external("tally.loop." + std::to_string(number), llvm::Type::getVoidTy(out_.context), {},
                            llvm::MemoryEffects::inaccessibleMemOnly(llvm::ModRefInfo::ModRef), true));
}

/// A loop: `more` says in its head whether there is another round, `round` is one. A `break` in it leaves the loop.
void Lowering::rounds(const std::string& name, std::uint64_t max, const std::function<Value*()>& more, const std::function<void()>& round) {
    auto *head = new_block("loop"), *inside = new_block("body"), *done = new_block("done");
    b_->CreateBr(head);
    b_->SetInsertPoint(head);
    b_->CreateCondBr(more(), inside, done);
    b_->SetInsertPoint(inside);
    round_begins(name, max);
    breaks_.push_back(done);
    round();
    breaks_.pop_back();
    if (open()) b_->CreateBr(head);
    b_->SetInsertPoint(done);
}

/// One round for each number below `count`.
void Lowering::count_up(const std::string& name, std::uint64_t max, Value* count, const std::function<void(Value*)>& round) {
    Value* index_slot = temporary(t_.integer);
    b_->CreateAlignedStore(i64c(0), index_slot, llvm::Align(8));
    Value* index = nullptr;
    rounds(name, max, [&] {
        index = b_->CreateAlignedLoad(i64_, index_slot, llvm::Align(8));
        return b_->CreateICmpSLT(index, count);
    }, [&] {
        round(index);
        if (open()) b_->CreateAlignedStore(b_->CreateAdd(index, i64c(1)), index_slot, llvm::Align(8));
    });
}

/// What the author calls it.
std::string Lowering::loop_name(const TExpr& over) const {
    switch (over.op) {
    case COp::Field: case COp::VaultKeys: return contract_->fields[static_cast<std::size_t>(over.index)].name;
    case COp::ParentField: return contract_->parent_name + "." + (over.index < 0 ? "" : contract_->parent->fields[static_cast<std::size_t>(over.index)].name);
    case COp::Local:
        if (fn_ != nullptr && static_cast<std::size_t>(over.index) < fn_->locals.size() && !fn_->locals[static_cast<std::size_t>(over.index)].name.empty())
            return fn_->locals[static_cast<std::size_t>(over.index)].name;
        break;
    case COp::Member: return loop_name(*over.args[0]) + "." + over.args[0]->type->record->fields[static_cast<std::size_t>(over.index)].name;
    case COp::Index: case COp::MapAt: case COp::Resize: case COp::Keys: return loop_name(*over.args[0]);
    case COp::Call: return over.function->name + "()";
    default: break;
    }
    return "rounds";
}

void Lowering::iterate_memory(Value* base, const Ty* type, const std::string& name, const std::function<void(Value*, Value*)>& body) {
    const auto l = layout(type);
    Value* count = b_->CreateAlignedLoad(i64_, base, llvm::Align(8));
    count_up(name, type->max, count, [&](Value* index) {
        Value* element = at(base, b_->CreateAdd(b_->CreateMul(index, i64c(l.stride)), i64c(l.first)));
        if (type->is(Kind::Map)) body(load(type->key, element), load(type->element, at(element, l.value)));
        else body(index, load(type->element, element));
    });
}

/// By key, in key order. A list's key is its index.
void Lowering::iterate_stored(const TExpr& over, bool take_out, const std::function<void(Value*, Value*)>& body) {
    const Ty* type = over.type;
    const Ty* key_type = type->is(Kind::Map) ? type->key : type->is(Kind::Set) ? type->element : t_.integer;
    const Ty* value_type = type->is(Kind::Set) ? t_.integer : type->element;
    Value* key = temporary(key_type);
    Value* value = temporary(value_type);
    Value* started = temporary(t_.integer);
    b_->CreateAlignedStore(i64c(0), started, llvm::Align(8));
    rounds(loop_name(over), type->max, [&] {
        Value* has_key = b_->CreateAlignedLoad(i64_, started, llvm::Align(8));
        Value* found = host(HostFn::StoredNext, {i64c(over.index), i64c(over.op == COp::ParentField ? 1 : 0), has_key, key, value}, value_bytes(value_type));
        b_->CreateAlignedStore(i64c(1), started, llvm::Align(8));
        return b_->CreateICmpNE(found, i64c(0));
    }, [&] {
        if (take_out) host(HostFn::StoredRemove, {i64c(over.index), key});
        body(load(key_type, key), type->is(Kind::Set) ? load(key_type, key) : load(value_type, value));
    });
}

/// The first of the list, as long as there is one.
void Lowering::drain_list(const TExpr& over, const std::function<void(Value*, Value*)>& body) {
    const Ty* type = over.type;
    const auto l = layout(type);
    Value* base = place(over);
    Value* turn_slot = temporary(t_.integer);
    b_->CreateAlignedStore(i64c(0), turn_slot, llvm::Align(8));
    Value* count = nullptr;
    rounds(loop_name(over), type->max, [&] {
        count = b_->CreateAlignedLoad(i64_, base, llvm::Align(8));
        return b_->CreateICmpSGT(count, i64c(0));
    }, [&] {
        Value* first = at(base, l.first);
        Value* element = load(type->element, in_memory(load(type->element, first), type->element));
        Value* rest = b_->CreateSub(count, i64c(1));
        b_->CreateAlignedStore(rest, base, llvm::Align(8));
        const auto align = llvm::Align(8);
        charges(b_->CreateMemMove(first, align, at(first, l.stride), align, b_->CreateMul(rest, i64c(l.stride))), l.size / 8 + 1);
        Value* turn = b_->CreateAlignedLoad(i64_, turn_slot, llvm::Align(8));
        b_->CreateAlignedStore(b_->CreateAdd(turn, i64c(1)), turn_slot, llvm::Align(8));
        body(turn, element);
    });
}

/// Those that were there at the start, in key order; one that is gone when its turn comes has none.
void Lowering::drain_table(const TExpr& over, const std::function<void(Value*, Value*)>& body) {
    const Ty* type = over.type;
    const Ty* key_type = type->is(Kind::Map) ? type->key : type->element;
    Value* base = place(over);
    Value* all = temporary(type);
    copy(all, base, type);
    iterate_memory(all, type, loop_name(over), [&](Value* key, Value* element) {
        Value* k = type->is(Kind::Map) ? key : element;
        Value* there = host(HostFn::MapRemove, {i64c(type_number(type)), base, key_type->aggregate() ? k : in_memory(k, key_type)});
        auto *turn = new_block("turn"), *next = new_block("next");
        b_->CreateCondBr(b_->CreateICmpNE(there, i64c(0)), turn, next);
        b_->SetInsertPoint(turn);
        body(key, element);
        if (open()) b_->CreateBr(next);
        b_->SetInsertPoint(next);
    });
}

void Lowering::iterate_vault(const TExpr& over, const std::function<void(Value*, Value*)>& body) {
    const Ty* key_type = over.type->element;
    Value* key = temporary(key_type);
    Value* started = temporary(t_.integer);
    b_->CreateAlignedStore(i64c(0), started, llvm::Align(8));
    rounds(loop_name(over), over.type->max, [&] {
        Value* found = host(HostFn::VaultNext, {i64c(over.index), b_->CreateAlignedLoad(i64_, started, llvm::Align(8)), key});
        b_->CreateAlignedStore(i64c(1), started, llvm::Align(8));
        return b_->CreateICmpNE(found, i64c(0));
    }, [&] {
        Value* k = load(key_type, key);
        body(k, k);
    });
}

void Lowering::iterate(const TExpr& over, bool snapshot, const std::function<void(Value*, Value*)>& body) {
    if (over.op == COp::VaultKeys) return iterate_vault(over, body);
    if (over.op == COp::Range) return iterate_range(over, body);
    if ((over.op == COp::Field && stored(contract_, over.index)) || (over.op == COp::ParentField && stored(contract_->parent, over.index)))
        return iterate_stored(over, false, body);
    Value* base = expr(over);
    if (snapshot) {
        Value* mine = temporary(over.type);
        copy(mine, base, over.type);
        base = mine;
    }
    iterate_memory(base, over.type, loop_name(over), body);
}

void Lowering::bind_local(int local, Value* value) {
    const auto* type = fn_ != nullptr && static_cast<std::size_t>(local) < fn_->locals.size() ? fn_->locals[static_cast<std::size_t>(local)].type : nullptr;
    auto& slot = locals_[static_cast<std::size_t>(local)];
    if (type != nullptr ? type->aggregate() : value->getType()->isPointerTy()) {
        slot = value;
        return;
    }
    auto& entry = function_->getEntryBlock();
    llvm::IRBuilder<> at_entry(&entry, entry.getFirstInsertionPt());
    Value* word = to_word(value);
    auto* place_of = at_entry.CreateAlloca(word->getType());
    place_of->setAlignment(llvm::Align(word->getType()->isIntegerTy(128) ? 16 : 8));
    b_->CreateAlignedStore(word, place_of, place_of->getAlign());
    slot = place_of;
}

void Lowering::bind(const std::vector<int>& locals, Value* key, Value* element) {
    if (locals.size() == 2) {
        bind_local(locals[0], key);
        bind_local(locals[1], element);
    } else if (!locals.empty()) {
        bind_local(locals[0], element);
    }
}

/// sum, every, some: one pass, short where it can be.
Value* Lowering::fold(const TExpr& e) {
    const auto& over = *e.args[1];
    const bool sum = e.op == COp::Fold;
    Value* result = temporary(e.type);
    b_->CreateAlignedStore(sum ? llvm::Constant::getNullValue(memory_type(e.type)) : i64c(e.op == COp::Every ? 1 : 0), result, llvm::Align(8));
    auto* done = new_block("folded");
    const bool snapshot = calls(*e.args[0]) || (e.args.size() > 2 && e.args[2] && calls(*e.args[2]));
    iterate(over, snapshot, [&](Value* key, Value* element) {
        bind(e.locals, key, element);
        if (sum) {
            auto* next = new_block("next");
            if (e.args[2]) {
                auto* add = new_block("add");
                b_->CreateCondBr(expr(*e.args[2]), add, next);
                b_->SetInsertPoint(add);
            }
            Value* value = expr(*e.args[0]);
            Value* total = b_->CreateAlignedLoad(memory_type(e.type), result, llvm::Align(8));
            b_->CreateAlignedStore(checked(e.type->wide() ? "waddc" : "addc", total, value), result, llvm::Align(8));
            b_->CreateBr(next);
            b_->SetInsertPoint(next);
            return;
        }
        Value* holds = expr(*e.args[0]);
        auto *decided = new_block("decided"), *next = new_block("next");
        b_->CreateCondBr(holds, e.op == COp::Every ? next : decided, e.op == COp::Every ? decided : next);
        b_->SetInsertPoint(decided);
        b_->CreateAlignedStore(i64c(e.op == COp::Every ? 0 : 1), result, llvm::Align(8));
        b_->CreateBr(done);
        b_->SetInsertPoint(next);
    });
    b_->CreateBr(done);
    b_->SetInsertPoint(done);
    return load(e.type, result);
}

/// One more element, or the trap Capacity.
void Lowering::append(Value* list, const Ty* type, Value* element) {
    const auto l = layout(type);
    Value* count = b_->CreateAlignedLoad(i64_, list, llvm::Align(8));
    check_or_trap(b_->CreateICmpSLT(count, i64c(type->max)), Trap::Capacity);
    store(element, type->element, at(list, b_->CreateAdd(b_->CreateMul(count, i64c(l.stride)), i64c(l.first))));
    b_->CreateAlignedStore(b_->CreateAdd(count, i64c(1)), list, llvm::Align(8));
}

Value* Lowering::collect(const TExpr& e) {
    Value* out = temporary(e.type);
    b_->CreateAlignedStore(i64c(0), out, llvm::Align(8));
    collect_into(e, e.type, out);
    return out;
}

void Lowering::collect_into(const TExpr& e, const Ty* type, Value* out) {
    const auto& over = *e.args[1];
    const bool snapshot = calls(*e.args[0]) || (e.args[2] && calls(*e.args[2]));
    iterate(over, snapshot, [&](Value* key, Value* element) {
        bind(e.locals, key, element);
        if (e.index == 1) return collect_into(*e.args[0], type, out);
        auto* next = new_block("next");
        if (e.args[2]) {
            auto* add = new_block("add");
            b_->CreateCondBr(expr(*e.args[2]), add, next);
            b_->SetInsertPoint(add);
        }
        append(out, type, expr(*e.args[0]));
        b_->CreateBr(next);
        b_->SetInsertPoint(next);
    });
}

/// Every element of both, once.
Value* Lowering::union_of(const TExpr& e) {
    Value* out = temporary(e.type);
    b_->CreateAlignedStore(i64c(0), out, llvm::Align(8));
    for (const auto& part : e.args)
        iterate(*part, false, [&](Value*, Value* element) {
            const Ty* type = part->type->element;
            host(HostFn::MapInsert, {i64c(type_number(e.type)), out, type->aggregate() ? element : in_memory(element, type)});
        });
    return out;
}

Value* Lowering::list_filled(const TExpr& e) {
    Value* wanted = expr(*e.args[0]);
    Value* value = expr(*e.args[1]);
    check_or_trap(b_->CreateICmpSGE(wanted, i64c(0)), Trap::BadArgument);
    check_or_trap(b_->CreateICmpSLE(wanted, i64c(e.type->max)), Trap::Capacity);
    Value* out = temporary(e.type);
    b_->CreateAlignedStore(wanted, out, llvm::Align(8));
    // The count is there already: the loop goes over the places to be filled.
    const auto l = layout(e.type);
    count_up("filled", e.type->max, wanted, [&](Value* index) {
        store(value, e.type->element, at(out, b_->CreateAdd(b_->CreateMul(index, i64c(l.stride)), i64c(l.first))));
    });
    return out;
}

/// The numbers of a range are counted, not kept.
void Lowering::iterate_range(const TExpr& e, const std::function<void(Value*, Value*)>& body) {
    Value* from = expr(*e.args[0]);
    Value* to = expr(*e.args[1]);
    Value* any = b_->CreateICmpSGT(to, from);
    Value* distance = b_->CreateSelect(any, b_->CreateSub(to, from), i64c(0)); // of two words, so it fits one without a sign
    check_or_trap(b_->CreateICmpULE(distance, i64c(e.type->max)), Trap::Capacity);
    count_up("range_" + std::to_string(e.type->max), e.type->max, distance, [&](Value* index) { body(index, b_->CreateAdd(from, index)); });
}

Value* Lowering::range_list(const TExpr& e) {
    if (check::bytes_of(e.type) > limits::value_bytes)
        sink_.report(Diag::ValueTooLarge, e.span, {"a range that is kept as a list", std::to_string(check::bytes_of(e.type)), std::to_string(limits::value_bytes)});
    Value* out = temporary(e.type);
    b_->CreateAlignedStore(i64c(0), out, llvm::Align(8));
    iterate_range(e, [&](Value*, Value* number) { append(out, e.type, number); });
    return out;
}

/// The keys first, as they stand in the source.
Value* Lowering::map_filled(const TExpr& e) {
    const auto& keys = *e.args[0];
    const Ty* key = keys.type->element;
    Value* from = expr(keys);
    if (calls(*e.args[1])) {
        Value* mine = temporary(keys.type);
        copy(mine, from, keys.type);
        from = mine;
    }
    Value* value = expr(*e.args[1]);
    Value* out = temporary(e.type);
    b_->CreateAlignedStore(i64c(0), out, llvm::Align(8));
    iterate_memory(from, keys.type, loop_name(keys), [&](Value*, Value* element) {
        Value* entry = host(HostFn::MapInsert, {i64c(type_number(e.type)), out, key->aggregate() ? element : in_memory(element, key)});
        store(value, e.type->element, entry);
    });
    return out;
}

// ---- histories -----------------------------------------------------------------------------------------------

/// The last row from that date or before it. Rows are in the order of their dates.
Value* Lowering::dated_on(const TExpr& e) {
    const auto& rows = *e.args[0];
    const Ty* row = rows.type->element;
    const auto offsets = layout(row).offsets;
    Value* base = expr(rows);
    Value* date = expr(*e.args[1]);
    const auto l = layout(rows.type);
    Value* found = temporary(t_.integer); // where the row's value lies, from the list's beginning
    b_->CreateAlignedStore(i64c(0), found, llvm::Align(8));
    iterate_memory(base, rows.type, loop_name(rows), [&](Value* index, Value* element) {
        Value* from = b_->CreateAlignedLoad(i64_, at(element, offsets[0]), llvm::Align(8));
        Value* known = b_->CreateAlignedLoad(i64_, found, llvm::Align(8));
        Value* offset = b_->CreateAdd(b_->CreateMul(index, i64c(l.stride)), i64c(i64{l.first} + offsets[1]));
        b_->CreateAlignedStore(b_->CreateSelect(b_->CreateICmpSLE(from, date), offset, known), found, llvm::Align(8));
    });
    Value* offset = b_->CreateAlignedLoad(i64_, found, llvm::Align(8));
    check_or_trap(b_->CreateICmpNE(offset, i64c(0)), Trap::MissingKey);
    return load(e.type, at(base, offset));
}

/// One more row; a date that is the last row's own replaces its value. Never the past.
void Lowering::dated_set(const TExpr& e) {
    const auto& rows = *e.args[0];
    const Ty* row = rows.type->element;
    const auto l = layout(rows.type);
    const auto offsets = layout(row).offsets;
    Value* date = expr(*e.args[1]);
    Value* value = expr(*e.args[2]);
    Value* base = place(rows);
    Value* count = b_->CreateAlignedLoad(i64_, base, llvm::Align(8));
    // From tomorrow on: somebody may have counted with today's value. At the beginning nobody has.
    Value* today = host(HostFn::Today, {});
    const bool beginning = fn_ != nullptr && fn_->kind == syntax::FnKind::Create;
    check_or_trap(beginning ? b_->CreateICmpSGE(date, today) : b_->CreateICmpSGT(date, today), Trap::BadArgument);
    auto *later = new_block("later"), *same = new_block("same"), *next = new_block("next"), *write = new_block("write");
    Value* index_slot = temporary(t_.integer);
    b_->CreateAlignedStore(count, index_slot, llvm::Align(8));
    b_->CreateCondBr(b_->CreateICmpSGT(count, i64c(0)), later, next);
    b_->SetInsertPoint(later);
    Value* last = b_->CreateSub(count, i64c(1));
    Value* last_row = at(base, b_->CreateAdd(b_->CreateMul(last, i64c(l.stride)), i64c(l.first)));
    Value* last_date = b_->CreateAlignedLoad(i64_, at(last_row, offsets[0]), llvm::Align(8));
    check_or_trap(b_->CreateICmpSGE(date, last_date), Trap::BadArgument);
    b_->CreateCondBr(b_->CreateICmpEQ(date, last_date), same, next);
    b_->SetInsertPoint(same);
    b_->CreateAlignedStore(last, index_slot, llvm::Align(8));
    b_->CreateBr(write);
    b_->SetInsertPoint(next);
    check_or_trap(b_->CreateICmpSLT(count, i64c(rows.type->max)), Trap::Capacity);
    b_->CreateAlignedStore(b_->CreateAdd(count, i64c(1)), base, llvm::Align(8));
    b_->CreateBr(write);
    b_->SetInsertPoint(write);
    Value* index = b_->CreateAlignedLoad(i64_, index_slot, llvm::Align(8));
    Value* target = at(base, b_->CreateAdd(b_->CreateMul(index, i64c(l.stride)), i64c(l.first)));
    b_->CreateAlignedStore(date, at(target, offsets[0]), llvm::Align(8));
    store(value, e.args[2]->type, at(target, offsets[1]));
}

/// The same elements under another maximum.
Value* Lowering::resize(const TExpr& e) {
    Value* from = expr(*e.args[0]);
    Value* out = temporary(e.type);
    Value* count = b_->CreateAlignedLoad(i64_, from, llvm::Align(8));
    if (e.args[0]->type->max > e.type->max) check_or_trap(b_->CreateICmpSLE(count, i64c(e.type->max)), Trap::Capacity);
    const auto& l = layout(e.type);
    Value* size = b_->CreateAdd(b_->CreateMul(count, i64c(l.stride)), i64c(l.first));
    const auto align = llvm::Align(l.align >= 16 ? 16 : 8);
    charges(b_->CreateMemCpy(out, align, from, align, size), l.size / 8 + 1);
    return out;
}

// ---- allocate ------------------------------------------------------------------------------------------------

/// Weights as a list of 128-bit numbers, which is what the native wants.
Value* Lowering::list128(const TExpr& weights) {
    if (weights.type->element->wide()) return expr(weights);
    const Ty* wide_list = t_.list(t_.money("XXX"), weights.type->max);
    Value* out = temporary(wide_list);
    const auto l = layout(wide_list);
    b_->CreateAlignedStore(i64c(0), out, llvm::Align(8));
    iterate(weights, false, [&](Value*, Value* element) {
        Value* count = b_->CreateAlignedLoad(i64_, out, llvm::Align(8));
        b_->CreateAlignedStore(b_->CreateSExt(element, i128_), at(out, b_->CreateAdd(b_->CreateMul(count, i64c(l.stride)), i64c(l.first))), llvm::Align(16));
        b_->CreateAlignedStore(b_->CreateAdd(count, i64c(1)), out, llvm::Align(8));
    });
    return out;
}

Value* Lowering::allocate(const TExpr& e) {
    Value* amount = expr(*e.args[0]);
    Value* weights = list128(*e.args[1]);
    Value* out = temporary(e.type);
    if (e.index != 1 && !e.args[2]) {
        host(HostFn::Split, {amount, weights, out}, e.type->max);
        return out;
    }
    Value* carry = e.args[2] ? place(*e.args[2]) : static_cast<Value*>(llvm::ConstantPointerNull::get(ptr_));
    Value* first = e.index == 1 ? host(HostFn::SelfId, {}) : i64c(0);
    host(HostFn::Share, {amount, weights, carry, out, first}, e.type->max);
    return out;
}

// ---- waterfall -------------------------------------------------------------------------------------------------

/// taken = min(left, wanted), never below zero; out of `left`, out of the place if there is one, into the result.
void Lowering::take(Value* amount_value, Value* amount_place, int field, const Ty* result_type, Value* result, Value* left) {
    Value* available = b_->CreateAlignedLoad(i128_, left, llvm::Align(16));
    Value* wanted = amount_place != nullptr ? b_->CreateAlignedLoad(i128_, amount_place, llvm::Align(16)) : amount_value;
    Value* capped = b_->CreateBinaryIntrinsic(llvm::Intrinsic::smin, available, wanted);
    Value* taken = b_->CreateBinaryIntrinsic(llvm::Intrinsic::smax, capped, i128c(0));
    b_->CreateAlignedStore(checked("wsubc", available, taken), left, llvm::Align(16));
    if (amount_place != nullptr) b_->CreateAlignedStore(checked("wsubc", wanted, taken), amount_place, llvm::Align(16));
    Value* total = at(result, layout(result_type).offsets[static_cast<std::size_t>(field)]);
    b_->CreateAlignedStore(checked("waddc", b_->CreateAlignedLoad(i128_, total, llvm::Align(16)), taken), total, llvm::Align(16));
}

void Lowering::tiers(const std::vector<TTier>& list, const Ty* result_type, Value* result, Value* left) {
    for (const auto& tier : list) {
        switch (tier.kind) {
        case TTier::Kind::UpTo: take(expr(*tier.amount), nullptr, tier.result, result_type, result, left); break;
        case TTier::Kind::From: take(nullptr, place(*tier.amount), tier.result, result_type, result, left); break;
        case TTier::Kind::Over: case TTier::Kind::Each:
            iterate_memory(place(*tier.list), tier.list->type, loop_name(*tier.list), [&](Value*, Value* element) {
                if (tier.list->type->element->aggregate()) locals_[static_cast<std::size_t>(tier.variable)] = element;
                else return internal(tier.list->span, "a tier over a list of plain amounts");
                if (tier.kind == TTier::Kind::Each) tiers(tier.inner, result_type, result, left);
                else take(nullptr, place(*tier.amount), tier.result, result_type, result, left);
            });
            break;
        }
    }
}

Value* Lowering::waterfall(const TExpr& e) {
    Value* amount = expr(*e.args[0]);
    Value* result = temporary(e.type);
    const auto offsets = layout(e.type).offsets;
    for (std::size_t i = 0; i < offsets.size(); ++i) b_->CreateAlignedStore(i128c(0), at(result, offsets[i]), llvm::Align(16));
    Value* left = at(result, offsets.back()); // the rest
    b_->CreateAlignedStore(amount, left, llvm::Align(16));
    tiers(e.tiers, e.type, result, left);
    return result;
}

} // namespace tally::lower_detail
