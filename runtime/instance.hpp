/// An instance at work: its record decoded in an arena, for the length of one transaction.
#pragma once

#include "runtime/state.hpp"
#include "vm/engine/machine.hpp"

namespace tally {

/// Arenas that wait to be used again. Contents never carry over: what a module may read must not
/// depend on what ran before.
class ArenaPool {
public:
    [[nodiscard]] Arena take(std::uint32_t size);
    void give(Arena arena);

private:
    std::vector<Arena> free_;
};

struct OpenInstance {
    OpenInstance() = default;
    OpenInstance(const OpenInstance&) = delete;
    OpenInstance& operator=(const OpenInstance&) = delete;

    InstanceId id = 0;
    InstanceHeader header;
    CodePtr code;
    const Contract* contract = nullptr;
    const ContractPlan* plan = nullptr;
    const RecordLayout* layout = nullptr;
    OpenInstance* parent = nullptr;
    u64 parent_generation = 0; ///< of the copy in the arena
    u64 generation = 1;        ///< goes up when code may have changed the record
    Arena arena{0};
    Bytes saved; ///< the record as it is in the state
    Bytes kept;  ///< the record as it will be
    std::vector<PartyId> named;    ///< whom that record names
    std::vector<PartyId> named_by; ///< whom keys and values of its rows name, in this transaction
    /// The truth of these is here, not in the arena, where code could write over it.
    std::uint32_t state = 0;
    std::vector<u64> stored_counts; ///< by the plan's stored fields
    Schedule schedule, saved_schedule;
    bool running = false, created = false, wrote = false, became = false;

    [[nodiscard]] const Program& program() const { return *code->program; }
    [[nodiscard]] std::uint8_t* record() { return arena.at(self_address, plan->record_size); }
    [[nodiscard]] const std::uint8_t* record() const {
        return arena.at(self_address, plan->record_size);
    }
    [[nodiscard]] u64* stored_count(std::uint32_t field);
    [[nodiscard]] bool in_final_state() const { return (contract->final_states >> state & 1) != 0; }
};

/// Everything but the record.
void prepare(OpenInstance& self, InstanceId id, const InstanceHeader& header, CodePtr code,
             ArenaPool& pool);
/// The record from its canonical bytes; false if they are no such record.
[[nodiscard]] bool decode_record(OpenInstance& self, ByteView bytes);
/// False when the memory holds no such record: the module wrote what its types do not allow.
[[nodiscard]] bool encode_record(const OpenInstance& self, ByteWriter& out);
/// Puts the state and the counts of stored collections where code reads them.
void show_state(OpenInstance& self);
/// False if code wrote over its own state; counts are put right in silence.
[[nodiscard]] bool state_untouched(OpenInstance& self);
/// The parent's record as it is now, if it changed since the last copy.
void copy_parent(OpenInstance& self);

} // namespace tally
