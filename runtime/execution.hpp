/// One transaction (or clause, or question) at work on contracts: its gas, its money, the instances
/// that it opened. Nothing is kept unless `finish` says so and the caller keeps the journal.
#pragma once

#include "runtime/assets.hpp"
#include "runtime/authority.hpp"
#include "runtime/instance.hpp"

namespace tally {

/// Who asks, on which day, for how much.
struct Request {
    const std::vector<PartyId>& signers;
    Date today = 0;
    i64 gas = 0;
    /// Before an instance is touched its overdue clauses must have run: if not, the run stops and
    /// `overdue` names it. Off while clauses run, which have an order of their own.
    bool clauses_first = true;
};

/// A contract's own refusal, or where a trap struck.
struct Problem {
    std::string error; ///< name
    Bytes fields;
    Hash code{};
    std::uint32_t number = 0;
    std::string note;  ///< details for people
    std::string where; ///< `at fn NAME line N`
};

/// An entry about to run: its parameters are decoded in the argument area.
struct PreparedCall {
    OpenInstance& self;
    const Entry& entry;
    OpenInstance* caller = nullptr;
    bool read_only = false;
    Arguments arguments;
    std::vector<const std::uint8_t*> params; ///< by parameter; Cash: null
    u64 result_at = 0;
    std::uint32_t stack = 0;
};

struct CallResult {
    Bytes value;
    Holding holding = 0;
};

class Execution {
public:
    Execution(State& state, ArenaPool& pool, const Request& request);
    ~Execution();
    Execution(const Execution&) = delete;
    Execution& operator=(const Execution&) = delete;

    // ---- instances
    [[nodiscard]] Trap open(InstanceId id, OpenInstance*& out);
    /// A new one, in its initial state, its record all zero.
    [[nodiscard]] Trap create(InstanceId id, const InstanceHeader& header, const CodePtr& code,
                              OpenInstance*& out);
    [[nodiscard]] OpenInstance* opened(InstanceId id) const;

    // ---- a call, step by step: prepare, authorise, pass the money in, run
    [[nodiscard]] Trap prepare(PreparedCall& call, ByteView arguments);
    [[nodiscard]] Trap authorise(const PreparedCall& call);
    /// Refuses an entry that the present state does not have.
    [[nodiscard]] Trap check_state(const PreparedCall& call);
    [[nodiscard]] Trap run(PreparedCall& call, CallResult& out);
    /// A clause, an invariant: takes at most one word and gives at most one. Nothing of what a
    /// read-only one does to the record stays.
    [[nodiscard]] Trap run_plain(OpenInstance& self, std::uint32_t function,
                                 const std::vector<u64>& x, bool read_only, u64& out);

    /// The end of the transaction: holdings, final states, invariants, records, next dates, money.
    [[nodiscard]] Trap finish();

    [[nodiscard]] State& state() { return state_; }
    [[nodiscard]] Assets& assets() { return assets_; }
    [[nodiscard]] const Request& request() const { return request_; }
    [[nodiscard]] Gas& gas() { return *gas_now_; }
    [[nodiscard]] i64 gas_used() const { return request_.gas - gas_.left; }
    [[nodiscard]] std::vector<Event>& events() { return events_; }
    [[nodiscard]] Problem& problem() { return problem_; }
    /// The instance that the transaction is about: amounts in notes are in its currency.
    void set_main(const OpenInstance& self) { main_currency_ = self.header.currency; }
    [[nodiscard]] CurrencyCode main_currency() const { return main_currency_; }
    [[nodiscard]] InstanceId overdue() const { return overdue_; }
    [[nodiscard]] std::size_t depth() const { return depth_; }
    [[nodiscard]] Trap emit(Event event);
    [[nodiscard]] bool signed_by(PartyId party) const;
    /// Stops with a word to people.
    [[nodiscard]] Trap refuse(Trap trap, std::string note);
    [[nodiscard]] Trap check_writes();
    void set_clause_fired(OpenInstance& self, std::uint32_t entry, Date date);
    /// Finds the next date of the instance's clauses and writes the instance's row.
    void reschedule(OpenInstance& self);

private:
    [[nodiscard]] Trap load(InstanceId id, const InstanceHeader& header, const CodePtr& code,
                            OpenInstance*& out);
    /// Every party that a value names is enrolled: money for a number that nobody is yet would wait for
    /// whoever gets it.
    [[nodiscard]] bool parties_exist(const Program& program, std::uint32_t type,
                                     const std::uint8_t* at) const;
    [[nodiscard]] Trap place_parameters(PreparedCall& call, ByteView arguments);
    [[nodiscard]] std::vector<std::uint8_t> compute(const PreparedCall& call, std::uint32_t function, std::uint32_t type);
    [[nodiscard]] Trap result_of(const PreparedCall& call, const Outcome& outcome, CallResult& out);
    struct Run {
        std::uint32_t function = 0, stack = 0;
        OpenInstance* caller = nullptr;
        bool read_only = false;
    };
    [[nodiscard]] Trap machine(OpenInstance& self, const Run& run, const Arguments& arguments,
                               Outcome& outcome);
    void note_where(const Program& program, const Outcome& outcome);
    /// The record as it will be; nothing is written yet.
    [[nodiscard]] Trap keep(OpenInstance& self);
    void find_next(OpenInstance& self);
    void save(OpenInstance& self);
    void enter_in_books(const OpenInstance& self);
    [[nodiscard]] Trap check_final(OpenInstance& self);
    [[nodiscard]] Trap check_invariants(OpenInstance& self);
    [[nodiscard]] std::optional<Date> next_date(OpenInstance& self, std::uint32_t entry,
                                                Date fired);

    State& state_;
    ArenaPool& pool_;
    Request request_;
    Assets assets_;
    Gas gas_;
    Gas* gas_now_ = &gas_; ///< next dates run on gas of their own
    Journal::Savepoint start_;
    std::map<InstanceId, std::unique_ptr<OpenInstance>> open_;
    std::vector<Event> events_;
    std::size_t event_bytes_ = 0;
    Problem problem_;
    InstanceId overdue_ = 0;
    CurrencyCode main_currency_ = 0;
    std::size_t depth_ = 0;
};

/// What opening an instance of the contract costs, without its parents.
[[nodiscard]] i64 opening_gas(const ContractPlan& plan);

/// True when a clause of this date and phase must have run before anything else touches its
/// instance.
[[nodiscard]] bool is_overdue(const Schedule::Next& next, Date today);

} // namespace tally
