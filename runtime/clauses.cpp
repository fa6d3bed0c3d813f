// What contracts do by themselves: clauses by date, and the date that moves.
#include "runtime/core.hpp"

#include "runtime/assert.hpp"
#include "runtime/watcher.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

const std::vector<PartyId> nobody;

/// Enough for ten years of a daily clause.
constexpr std::size_t catch_up_limit = 4096;

} // namespace

/// A clause at close belongs to the end of its day: it fires when the date is about to move.
bool Core::fireable(const Due& due) const {
    const Date date = today();
    if (is_overdue(due.next, date)) return true;
    return due.next.date == date && date < state_.meta(keys::Meta::target);
}

bool Core::work_pending() const {
    if (today() < state_.meta(keys::Meta::target)) return true;
    const auto due = state_.first_due();
    return due && fireable(*due);
}

void Core::begin_block(u64 height) {
    height_ = height;
    runs_.clear();
    std::size_t budget = limits::clauses_per_block;
    Bytes fired; // every row up to this one is gone
    while (true) {
        const auto due = state_.first_due(fired);
        if (due && fireable(*due)) {
            if (budget-- == 0) break;
            state_.watch_due();
            fire(due->instance, due->next);
            fired = keys::due(due->next.date, due->next.phase, due->instance);
            if (state_.lowest_due() && *state_.lowest_due() <= fired) fired.clear();
            continue;
        }
        // Nothing of the day is left. Days on which nothing is due pass at once.
        const Date date = today(), target = state_.meta(keys::Meta::target);
        if (date >= target) break;
        state_.set_meta(keys::Meta::date, due ? std::min(due->next.date, target) : target);
    }
    journal_.settle();
}

void Core::seal(u64 height, const Bytes& digest) {
    forget_expired();
    journal_.put(keys::block(height), digest);
    journal_.settle();
}

void Core::fire(InstanceId id, const Schedule::Next& next) {
    Watcher* const watcher = state_.watcher();
    if (watcher != nullptr) watcher->clause_begins(runs_.size());
    const Mark before = mark();
    ClauseRun run{id, {}, next.date, {}};
    const Request request{nobody, next.date, limits::transaction_gas, false};
    {
        Execution ex(state_, caches_.arenas, request);
        OpenInstance* self = nullptr;
        Trap trap = ex.open(id, self);
        TALLY_ASSERT(trap == Trap::None, "an instance with a due clause does not open");
        const Entry& clause = self->contract->entries[next.entry];
        run.clause = clause.name;
        ex.set_clause_fired(*self, next.entry, next.date);
        u64 nothing = 0;
        trap = ex.run_plain(*self, clause.function, {}, false, nothing);
        if (trap == Trap::None) trap = ex.finish();
        fill(run.receipt, trap, ex);
        run.receipt.note = trap == Trap::None
                               ? std::string()
                               : note_of(run.receipt, ex.problem(), self->header.currency);
    }
    if (run.receipt.trap != Trap::None) {
        // It is over for this date: a clause that fails must not stop its instance, nor the day.
        undo(before);
        Execution ex(state_, caches_.arenas, request);
        OpenInstance* self = nullptr;
        const Trap trap = ex.open(id, self);
        TALLY_ASSERT(trap == Trap::None, "an instance with a due clause does not open");
        ex.set_clause_fired(*self, next.entry, next.date);
        ex.reschedule(*self);
    }
    if (watcher != nullptr) watcher->clause_ends();
    runs_.push_back(std::move(run));
    if (after_clause_) after_clause_(runs_.back());
}

bool Core::catch_up(InstanceId id) {
    for (std::size_t i = 0; i < catch_up_limit; ++i) {
        const auto row = state_.instance(id);
        if (!row) return false;
        const auto& next = row->schedule.next;
        if (!next || !is_overdue(*next, today())) return true;
        fire(id, *next);
    }
    return false;
}

} // namespace tally
