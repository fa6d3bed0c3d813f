// The end of a transaction: what must hold before anything is kept.
#include "runtime/execution.hpp"

#include "runtime/assert.hpp"
#include "runtime/parties.hpp"
#include "runtime/watcher.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>

namespace tally {
namespace {

/// A next date is found after the transaction, with gas of its own: a caller that brings just
/// enough gas for the action must not be able to lose the clause.
constexpr i64 next_date_gas = 1'000'000;

bool comes_before(const Schedule::Next& a, const Schedule::Next& b) {
    if (a.date != b.date) return a.date < b.date;
    if (a.phase != b.phase) return a.phase < b.phase;
    return a.entry < b.entry;
}

} // namespace

bool is_overdue(const Schedule::Next& next, Date today) {
    return next.date < today || (next.date == today && next.phase == ClausePhase::Open);
}

Trap Execution::check_final(OpenInstance& self) {
    if (!self.became || !self.in_final_state()) return Trap::None;
    for (std::uint32_t i = 0; i < self.contract->fields.size(); ++i) {
        if (self.contract->fields[i].kind != FieldKind::Vault) continue;
        const Bytes prefix = keys::vault(self.id, i, {});
        bool holds = state_.amount_at(prefix).value_or(0) != 0;
        for (auto row = state_.journal().next(prefix, prefix); row && !holds;
             row = state_.journal().next(prefix, row->first))
            holds = state_.amount_at(row->first).value_or(0) != 0;
        if (holds)
            return refuse(Trap::FinalHoldsMoney, "vault `" + self.contract->fields[i].name + "`");
    }
    return Trap::None;
}

Trap Execution::check_invariants(OpenInstance& self) {
    if (self.contract->invariants == none) return Trap::None;
    u64 broken = 0;
    const Trap trap = run_plain(self, self.contract->invariants, {}, true, broken);
    if (trap != Trap::None || broken == 0) return trap;
    const auto& names = self.contract->invariant_names;
    return refuse(Trap::InvariantBroken,
                  broken <= names.size() ? "`" + std::string(names[broken - 1]) + "`" : "an unnamed one");
}

Trap Execution::keep(OpenInstance& self) {
    ByteWriter record;
    if (!encode_record(self, record))
        return refuse(Trap::Bounds, "the record of instance " + std::to_string(self.id) +
                                        " holds what its types do not allow");
    self.kept = record.take();
    if (Watcher* const watcher = state_.watcher()) watcher->record(self);
    enter_in_books(self);
    return Trap::None;
}

void Execution::save(OpenInstance& self) {
    if (!self.created && self.kept == self.saved && self.schedule == self.saved_schedule) return;
    state_.put_instance(self.id, {self.header, self.schedule, self.kept});
    state_.move_due(self.id, self.saved_schedule, self.schedule);
    self.saved = self.kept;
    self.saved_schedule = self.schedule;
}

/// Once somebody is named by an instance it stays in that party's book: what it was is asked for too.
void Execution::enter_in_books(const OpenInstance& self) {
    std::vector<PartyId> named = named_in(self);
    if (named == self.named && self.named_by.empty()) return;
    named.insert(named.end(), self.named_by.begin(), self.named_by.end());
    std::sort(named.begin(), named.end());
    for (const PartyId party : named)
        if (party != 0 && !std::binary_search(self.named.begin(), self.named.end(), party))
            state_.enter_in_book(party, {BookEntry::Kind::Instance, self.id});
}

Trap Execution::finish() {
    // Code that runs here is read-only: it may open more instances, but none that must be finished.
    const auto each = [this](Trap (Execution::*step)(OpenInstance&)) {
        for (auto& [id, self] : open_) {
            if (!self->wrote) continue;
            if (const Trap trap = (this->*step)(*self); trap != Trap::None) return trap;
        }
        return Trap::None;
    };
    if (const Trap trap = each(&Execution::check_final); trap != Trap::None) return trap;
    if (const Trap trap = each(&Execution::check_invariants); trap != Trap::None) return trap;
    if (!assets_.empty()) return Trap::AssetLeft;
    if (const Trap trap = each(&Execution::keep); trap != Trap::None) return trap;
    for (auto& [id, self] : open_)
        if (self->wrote) reschedule(*self);
    assets_.settle();
    return check_writes();
}

// ---- next dates ---------------------------------------------------------------------------------

void Execution::set_clause_fired(OpenInstance& self, std::uint32_t entry, Date date) {
    const auto& clauses = self.plan->clauses;
    const auto found = std::find(clauses.begin(), clauses.end(), entry);
    TALLY_ASSERT(found != clauses.end(), "a clause that is none fired");
    self.schedule.fired[static_cast<std::size_t>(found - clauses.begin())] = date;
}

/// Nothing when there is none, or the code that says so traps: a clause never stops its instance.
std::optional<Date> Execution::next_date(OpenInstance& self, std::uint32_t entry, Date fired) {
    const Entry& clause = self.contract->entries[entry];
    if (clause.next_date == none || (clause.states >> self.state & 1) == 0) return std::nullopt;
    u64 out = 0;
    const Trap trap = run_plain(self, clause.next_date, {static_cast<u64>(fired)}, true, out);
    const Date date = static_cast<Date>(out);
    if (trap != Trap::None || date <= fired || !date_valid(date)) return std::nullopt;
    return date;
}

void Execution::reschedule(OpenInstance& self) {
    find_next(self);
    save(self);
}

void Execution::find_next(OpenInstance& self) {
    if (self.plan->clauses.empty()) return;
    const Problem problem = problem_;
    const bool clauses_first = std::exchange(request_.clauses_first, false);
    self.schedule.next.reset();
    for (std::size_t i = 0; i < self.plan->clauses.size(); ++i) {
        Gas gas{next_date_gas};
        gas_now_ = &gas;
        const std::uint32_t entry = self.plan->clauses[i];
        const auto date = next_date(self, entry, self.schedule.fired[i]);
        gas_now_ = &gas_;
        if (!date) continue;
        const Schedule::Next next{*date, self.contract->entries[entry].phase, entry};
        if (!self.schedule.next || comes_before(next, *self.schedule.next))
            self.schedule.next = next;
    }
    request_.clauses_first = clauses_first;
    problem_ = problem;
}

} // namespace tally
