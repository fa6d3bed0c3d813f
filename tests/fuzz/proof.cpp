// Hostile proofs: whatever is accepted under an honest root is true, and has one encoding. An input is taken as
// it is, or as changes to an honest proof: hashes keep guesses from coming near.
#include "proof/receipt.hpp"
#include "proof/statement.hpp"
#include "runtime/assert.hpp"
#include "runtime/ledger.hpp"
#include "tree/list.hpp"
#include "tree/prove.hpp"
#include "tree/update.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace tally;

void must(bool holds) {
    if (!holds) std::abort();
}

/// A ledger in memory with its tree, and honest proofs out of it.
class Honest final : public tree::NodeSource, public tree::RowSource {
public:
    Honest() {
        Genesis genesis{"fuzz", date_from_civil(2026, 1, 1).value(), {}};
        for (std::uint8_t i = 1; i <= 9; ++i) {
            Enrol party{"party " + std::to_string(i), {}, role_registrar, {}};
            party.key = PublicKey{static_cast<std::uint8_t>(i)};
            if (i == 1) party.issuer_of = {currency_code('U', 'S', 'D')};
            genesis.parties.push_back(party);
        }
        Ledger ledger(store_);
        TALLY_ASSERT(!ledger.genesis(genesis), "a genesis that can be");
        take(ledger);
        (void)ledger.begin_block(1);
        apply(ledger, 1, {2}, OpenAccount{currency_code('U', 'S', 'D')});
        apply(ledger, 2, {1}, Issue{1, 500});
        ledger.seal(1, encode(BlockDigest{{}, tree::list_root(leaves_), leaves_.size()}));
        take(ledger);
        make_files(ledger);
    }

    tree::NodePtr node(const tree::NodeKey& key) const override { return nodes_.at(key.bytes()); }
    Bytes value(const Bytes& key) const override { return *store_.get(key); }

    void check(unsigned kind, const Bytes& input) const {
        if (kind == 0) check_existence(input);
        if (kind == 1) check_absence(input);
        if (kind == 2) check_statement(input);
        if (kind == 3) check_receipt(input);
    }
    [[nodiscard]] const Bytes& honest(unsigned kind, unsigned which) const {
        const auto& all = files_[kind % 4];
        return all[which % all.size()];
    }

private:
    void apply(Ledger& ledger, std::uint8_t intent, std::vector<PartyId> signers, Payload payload) {
        Transaction transaction{std::move(signers), {}, 100, 1'000'000, std::move(payload)};
        transaction.intent.fill(intent);
        items_.push_back(transaction_item({}, transaction.intent, ledger.apply(transaction)));
        leaves_.push_back(tree::list_leaf(items_.back()));
    }
    void take(Ledger& ledger) {
        std::vector<tree::Change> changes;
        for (const auto& [key, value] : ledger.writes())
            if (keys::proven(key)) changes.push_back(value ? tree::put(key, *value) : tree::erase(key));
        const auto before = version_ == 0 ? std::nullopt : std::optional(version_);
        tree::Update update = tree::update(*this, before, version_ + 1, std::move(changes));
        ++version_;
        for (auto& [key, node] : update.written) nodes_[key.bytes()] = node;
        root_ = update.root;
        store_.apply(ledger.writes());
        ledger.committed();
    }
    void make_files(const Ledger& ledger) {
        const tree::Prover prover(*this, *this, version_);
        for (const auto& [key, value] : store_.entries())
            if (keys::proven(key)) files_[0].push_back(encode(std::get<tree::Existence>(prover.prove(key))));
        for (u64 id = 50; id < 70; ++id) files_[1].push_back(encode(std::get<tree::Absence>(prover.prove(keys::account(id)))));
        for (PartyId party = 1; party <= 9; ++party) {
            StatementFile file{"fuzz", 1, party, ledger.book_entries(party), {}, {}};
            std::vector<Bytes> wanted{keys::meta(keys::Meta::chain), keys::party(party), keys::book(party), keys::block(1), keys::block(2)};
            for (const BookEntry& entry : file.entries) wanted.push_back(keys::account(entry.id));
            std::sort(wanted.begin(), wanted.end());
            for (const Bytes& key : wanted) file.rows.push_back({key, store_.get(key)});
            file.proof = prover.prove(wanted);
            must(std::holds_alternative<Statement>(verify_statement(file, root_)));
            files_[2].push_back(encode(file));
        }
        for (std::size_t i = 0; i < items_.size(); ++i)
            files_[3].push_back(encode(ReceiptFile{1, i, items_.size(), items_[i], tree::list_path(leaves_, i), encode(std::get<tree::Existence>(prover.prove(keys::block(1))))}));
    }

    void check_existence(const Bytes& input) const {
        tree::Existence proof;
        if (!decode(input, proof)) return;
        must(encode(proof) == input);
        if (holds(proof, root_)) must(store_.get(proof.key) == proof.value);
    }
    void check_absence(const Bytes& input) const {
        tree::Absence proof;
        if (!decode(input, proof)) return;
        must(encode(proof) == input);
        if (holds(proof, root_)) must(!store_.get(proof.key) || !keys::proven(proof.key));
    }
    void check_statement(const Bytes& input) const {
        StatementFile file;
        if (!decode(input, file)) return;
        must(encode(file) == input);
        if (std::holds_alternative<ProofFault>(verify_statement(file, root_))) return;
        must(std::find(files_[2].begin(), files_[2].end(), encode(file)) != files_[2].end());
    }
    void check_receipt(const Bytes& input) const {
        ReceiptFile file;
        if (!decode(input, file)) return;
        must(encode(file) == input);
        if (std::holds_alternative<ProofFault>(verify_receipt(file, root_))) return;
        must(std::find(files_[3].begin(), files_[3].end(), input) != files_[3].end());
    }

    MemoryStore store_;
    std::map<Bytes, tree::NodePtr> nodes_;
    std::vector<Bytes> items_;
    std::vector<Hash> leaves_;
    std::vector<Bytes> files_[4];
    Hash root_{};
    u64 version_ = 0;
};

constexpr std::size_t bytes_max = 1U << 16; ///< repeating doubles

/// Changes at places: write, flip, put in, take out, repeat.
Bytes changed(Bytes bytes, ByteView script) {
    for (std::size_t at = 0; at + 4 <= script.size() && !bytes.empty() && bytes.size() < bytes_max; at += 4) {
        const std::size_t place = (std::size_t{script[at]} << 8 | script[at + 1]) % bytes.size();
        const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(place);
        const std::uint8_t value = script[at + 3];
        switch (script[at + 2] % 6) {
        case 0: *here = value; break;
        case 1: *here ^= static_cast<std::uint8_t>(1U << value % 8); break;
        case 2: bytes.insert(here, value); break;
        case 3: bytes.erase(here); break;
        case 4: bytes.resize(place); break;
        case 5: {
            const Bytes tail(here, bytes.end());
            bytes.insert(bytes.end(), tail.begin(), tail.end());
            break;
        }
        }
    }
    return bytes;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Honest ledger;
    if (size < 2) return 0;
    const unsigned kind = data[0] % 4;
    const ByteView rest(data + 2, size - 2);
    ledger.check(kind, (data[0] & 0x80) != 0 ? Bytes(rest.begin(), rest.end()) : changed(ledger.honest(kind, data[1]), rest));
    return 0;
}
