#include "runtime/instance.hpp"

#include "runtime/codec.hpp"
#include "vm/value/memory.hpp"

#include <algorithm>

namespace tally {
namespace {

constexpr std::size_t pool_size = 32;

bool in_record(FieldKind kind) { return kind != FieldKind::Vault && kind != FieldKind::Stored; }

} // namespace

Arena ArenaPool::take(std::uint32_t size) {
    if (free_.empty()) return Arena(size);
    Arena arena = std::move(free_.back());
    free_.pop_back();
    arena.resize(size);
    return arena;
}

void ArenaPool::give(Arena arena) {
    if (free_.size() < pool_size) free_.push_back(std::move(arena));
}

u64* OpenInstance::stored_count(std::uint32_t field) {
    const auto found = std::find(plan->stored.begin(), plan->stored.end(), field);
    if (found == plan->stored.end()) return nullptr;
    return &stored_counts[static_cast<std::size_t>(found - plan->stored.begin())];
}

void prepare(OpenInstance& self, InstanceId id, const InstanceHeader& header, CodePtr code,
             ArenaPool& pool) {
    self.id = id;
    self.header = header;
    self.contract = &code->program->module.contracts[header.contract];
    self.plan = &code->plans[header.contract];
    self.layout = &code->program->facts.records[header.contract];
    self.code = std::move(code);
    self.arena = pool.take(static_cast<std::uint32_t>(self.plan->arena_size));
    self.stored_counts.assign(self.plan->stored.size(), 0);
}

bool decode_record(OpenInstance& self, ByteView bytes) {
    ByteReader in(bytes);
    const u64 state = in.uvarint();
    if (state >= self.contract->states.size()) return false;
    self.state = static_cast<std::uint32_t>(state);
    for (std::uint32_t i = 0; i < self.contract->fields.size(); ++i) {
        const ContractField& field = self.contract->fields[i];
        if (field.kind == FieldKind::Stored) *self.stored_count(i) = in.uvarint();
        if (!in_record(field.kind)) continue;
        if (!decode_value(self.program(), field.type, in, self.record() + self.layout->offsets[i]))
            return false;
    }
    show_state(self);
    return in.done();
}

bool encode_record(const OpenInstance& self, ByteWriter& out) {
    out.uvarint(self.state);
    std::size_t stored = 0;
    for (std::uint32_t i = 0; i < self.contract->fields.size(); ++i) {
        const ContractField& field = self.contract->fields[i];
        if (field.kind == FieldKind::Stored) out.uvarint(self.stored_counts[stored++]);
        if (!in_record(field.kind)) continue;
        if (!encode_value(self.program(), field.type, self.record() + self.layout->offsets[i], out))
            return false;
    }
    return true;
}

void show_state(OpenInstance& self) {
    write_word(self.record(), u64{self.state});
    for (std::size_t i = 0; i < self.plan->stored.size(); ++i)
        write_word(self.record() + self.layout->offsets[self.plan->stored[i]],
                   self.stored_counts[i]);
}

bool state_untouched(OpenInstance& self) {
    const bool same = read_word<u64>(self.record()) == self.state;
    show_state(self);
    return same;
}

void copy_parent(OpenInstance& self) {
    if (self.parent == nullptr) return;
    const bool same = self.parent_generation == self.parent->generation;
    if (same && !self.parent->running) return;
    std::uint8_t* const copy = self.arena.at(self.plan->parent_at, self.plan->parent_size);
    std::memcpy(copy, self.parent->record(), self.plan->parent_size);
    self.parent_generation = self.parent->generation;
}

} // namespace tally
