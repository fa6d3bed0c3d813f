/// The limits of the machine and the ledger, in one place. Each is tested at -1, 0 and +1.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tally::limits {

inline constexpr std::size_t module_bytes = 512 * 1024;
inline constexpr std::size_t functions = 4096;
inline constexpr std::size_t function_instructions = 4096 * 4; ///< raised from 4,096: see docs/decisions/0002
inline constexpr std::size_t function_blocks = 4096;
inline constexpr std::size_t block_instructions = 4096;
inline constexpr std::size_t module_instructions = 65536;
inline constexpr std::size_t x_registers = 256;
inline constexpr std::size_t w_registers = 128;
inline constexpr std::size_t h_slots = 16;
inline constexpr std::size_t frame_bytes = 256 * 1024;
inline constexpr std::size_t arena_bytes = 1024 * 1024;
inline constexpr std::size_t call_depth = 64;
inline constexpr std::size_t table_cases = 1024;
inline constexpr std::size_t program_bytes = 256 * 1024;         ///< what a program's memory holds at its start
inline constexpr std::size_t program_memory = 64 * 1024 * 1024;  ///< of a program, its stack included
inline constexpr std::size_t program_frame_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t program_call_depth = 8192;
inline constexpr std::size_t program_registers = 256 * 1024;     ///< of each bank, over all calls that are open
inline constexpr std::size_t constants = 65536;
inline constexpr std::size_t types = 4096;
inline constexpr std::size_t name_bytes = 255;
inline constexpr std::size_t text_bytes = 1024;
inline constexpr std::size_t fields = 256;
inline constexpr std::size_t states = 64;
inline constexpr std::size_t collection_elements = 65536;
inline constexpr std::size_t inline_bytes = 4096; ///< a collection up to this size lives in its instance's record: docs/decisions/0003
inline constexpr std::size_t value_bytes = 256 * 1024;
inline constexpr std::size_t type_depth = 32; ///< types inside types: bounds what a comparison may cost
inline constexpr std::size_t enum_cases = 1024;
inline constexpr std::size_t contracts = 256;
inline constexpr std::size_t entries = 1024; ///< of one contract
inline constexpr std::size_t imports = 1024;
inline constexpr std::size_t named_records = 4096; ///< events; errors
inline constexpr std::size_t tests = 4096;
inline constexpr std::size_t auth_depth = 8;
inline constexpr std::size_t auth_children = 64;
inline constexpr std::size_t auth_steps = 16;

inline constexpr std::int64_t transaction_gas = 50'000'000;
inline constexpr std::int64_t block_gas = 500'000'000;
inline constexpr std::size_t transaction_bytes = 64 * 1024;
inline constexpr std::size_t deploy_bytes = 640 * 1024;
inline constexpr std::size_t block_transactions = 10'000;
inline constexpr std::size_t block_bytes = 4 * 1024 * 1024;
inline constexpr std::size_t signers = 64;
inline constexpr std::size_t batch_items = 1024;
inline constexpr std::size_t events = 256;
inline constexpr std::size_t event_bytes = 64 * 1024;
inline constexpr std::size_t batch_events = 8'192; ///< of all items of a batch together
inline constexpr std::size_t batch_event_bytes = 1024 * 1024;
inline constexpr std::size_t host_calls = 10'000 * 100;
inline constexpr std::size_t storage_key = 512;
inline constexpr std::size_t storage_value = 256 * 1024;
inline constexpr std::size_t storage_writes = 4096;
inline constexpr std::uint64_t expiry_blocks = 10'000;
inline constexpr std::size_t clauses_per_block = 2000;

} // namespace tally::limits
