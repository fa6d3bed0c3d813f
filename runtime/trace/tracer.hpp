/// Lists the postings of a block while it runs again on the traced engine, and follows the money of one item: keeps
/// beside each register and each word of memory the node that its number came from. A number that does not equal its
/// node's value has lost its trace: nothing is ever said of it that is not so.
#pragma once

#include "runtime/trace/figures.hpp"
#include "runtime/trace/lineage.hpp"
#include "runtime/watcher.hpp"

#include <algorithm>
#include <functional>

namespace tally {

class Tracer final : public Watcher {
public:
    using PartyName = std::function<std::string(u64)>;
    explicit Tracer(PartyName party, std::optional<ItemPlace> followed = std::nullopt) : party_(std::move(party)), followed_(followed) {}

    void transaction_begins(std::size_t number) { transaction_ = number; }

    [[nodiscard]] const std::vector<Posting>& postings() const { return postings_; }
    [[nodiscard]] const LineageNode& node(NodeId id) const { return nodes_[id]; }
    /// There was more than a lineage holds: the rest is not known.
    [[nodiscard]] bool is_cut() const { return cut_; }

    Observer* observer() override { return following() ? this : nullptr; }
    void clause_begins(std::size_t number) override { clause_ = number; }
    void clause_ends() override { clause_.reset(); }
    void body_begins() override;
    [[nodiscard]] std::size_t mark() const override { return postings_.size(); }
    void go_back(std::size_t mark) override { postings_.resize(std::min(mark, postings_.size())); }
    void run_begins(OpenInstance& self, std::uint32_t function, bool read_only, const Arguments& arguments) override;
    void run_ends(const Outcome& outcome) override;
    void made(Holding holding, i128 amount) override;
    void taken(Holding from, Holding out, i128 amount) override;
    void joined(Holding into, Holding from) override;
    void balance(const BalanceChange& change) override;
    void element(const ElementChange& change) override;
    void record(const OpenInstance& self) override;
    void before(const MachineStep& step) override;

private:
    static constexpr u64 cell_bytes = 8;
    /// What is known of an instance's memory, a node for each cell; of a wide number at its first.
    struct Memory {
        OpenInstance* self = nullptr;
        std::vector<NodeId> cells;
        std::vector<std::uint8_t> start; ///< the record before anything ran
        Figures figures;                 ///< of that record, by address
        Figures arguments;               ///< of the entry at work, by address
        std::string called;              ///< that entry, if another contract called it
        std::map<u64, std::size_t> written; ///< record: where in `places_` it is who wrote it last, by address
    };
    struct Frame {
        std::uint32_t function = 0, instruction = 0;
        std::vector<NodeId> x, w;
    };
    struct Input {
        NodeId node = 0;
        i128 value = 0;
    };
    /// A run of a function; others may run while it waits.
    struct Run {
        Memory* memory = nullptr;
        const Entry* entry = nullptr;
        bool read_only = false;
        std::vector<NodeId> saved{}; ///< of the record, while a view is at it
        std::vector<Frame> frames{};
        Arguments arguments{};
        MachineStep step{};               ///< the instruction at work
        bool busy = false;
        std::vector<Input> inputs{}; ///< what it reads, in the order of its operands
        std::vector<Input> xs{}, ws{}; ///< the windows of a call
        std::vector<std::uint8_t> table{}; ///< a map before it changes
        Input result{};              ///< of the run that ended within it
        u64 result_at = 0;         ///< in that run's memory
        Memory* result_in = nullptr;
    };

    [[nodiscard]] ItemPlace item() const { return clause_ ? ItemPlace{true, *clause_} : ItemPlace{false, transaction_}; }
    [[nodiscard]] bool following() const { return followed_ == item(); }
    NodeId add(LineageNode node);
    NodeId add_here(LineageNode node);
    [[nodiscard]] NodeId known(const Input& input, NumberUnit unit = NumberUnit::Unknown);
    [[nodiscard]] Names names_for(CurrencyCode currency) const;
    [[nodiscard]] Figures figures_of_record(const OpenInstance& self) const;

    // ---- memory
    Memory& memory_of(OpenInstance& self);
    [[nodiscard]] NodeId at_start(Memory& memory, u64 address, i128 value);
    [[nodiscard]] NodeId load(Memory& memory, u64 address, i128 value);
    void store(Memory& memory, u64 address, const Input& input, bool wide);
    void wrote(Memory& memory, u64 address, u64 bytes);
    void carry(Memory& from, u64 source, Memory& to, u64 target, u64 bytes);
    [[nodiscard]] LineageNode argument(const Memory& memory, const NamedFigure& figure, i128 value) const;

    // ---- instructions (propagate.cpp)
    void look(Run& run, const MachineStep& step);
    void finish(Run& run, const MachineStep* next);
    void enter(Run& run, const MachineStep& next);
    void leave(Run& run);
    void assign(Run& run, const Instruction& in);
    void operate(Run& run, const Instruction& in);
    void copied(Run& run);
    void asked(Run& run, const Instruction& in);
    void shared_out(Run& run, HostFn fn);
    void table_changed(Run& run, HostFn fn);
    void stored_read(Run& run, HostFn fn);
    void accrued(Run& run, HostFn fn);
    void returned(Run& run, const Instruction& in);
    void windows(Run& run, const Instruction& in);
    void add_input(Run& run, Operand kind, std::size_t number);
    void set_cell(Memory& memory, u64 address, NodeId node);
    [[nodiscard]] NumberUnit unit_of(const LineageNode& node) const;

    // ---- postings
    [[nodiscard]] static std::string element_path(const OpenInstance& holder, std::uint32_t field, std::uint32_t key_type, const Bytes& key, const Names& names);
    void arguments_of(Run& run, const Run* caller, const Arguments& arguments);
    [[nodiscard]] std::vector<CodePlace> places() const;
    [[nodiscard]] NumberUnit unit_of(TypeKind kind) const;
    [[nodiscard]] NodeId having(NodeId node, i128 value);
    [[nodiscard]] bool add_up(const std::vector<Posting::Term>& terms, i128 change) const;
    [[nodiscard]] std::vector<Posting::Term> terms_of(const Posting& posting, NodeId after, LineageNode old);
    void post(Posting posting);

    PartyName party_;
    std::optional<ItemPlace> followed_;
    std::optional<std::size_t> clause_;
    std::size_t transaction_ = 0, body_after_ = 0; ///< postings before this body; a batch has several bodies
    bool cut_ = false;
    std::vector<LineageNode> nodes_{1};
    std::vector<Posting> postings_;
    std::vector<CodePtr> codes_; ///< what places and nodes point into
    std::map<InstanceId, Memory> memories_;
    std::map<Holding, NodeId> holdings_;
    std::map<Bytes, std::map<u64, NodeId>> elements_; ///< written in this body, by offset in the value
    std::vector<std::vector<CodePlace>> places_;
    std::vector<Run> runs_;
};

} // namespace tally
