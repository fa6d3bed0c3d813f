#include "vm/bytecode/codec.hpp"
#include "vm/bytecode/encode.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>

namespace tally {
namespace {

/// After the first fault every read gives zero, so the grammar runs to its end without a check.
///
/// What decodes is canonical without being encoded again: every read here takes exactly the bytes that the
/// Writer of encode.cpp gives for what was read. Numbers are minimal or refused, a byte with fewer values than
/// 256 is refused beyond them, everything else is taken as it stands, and the grammar is the same.
class Reader {
public:
    Reader(ByteView bytes, Pool& pool) : in_(bytes), pool_(pool) {}

    /// Most are empty, or a string is made, which is cheaper than to fill one.
    [[gnu::always_inline]] void text(std::string& v, std::size_t max) {
        const std::size_t size = in_.count(max);
        if (size > 0) make(v, in_.raw(size));
    }
    [[gnu::always_inline]] void text(RareText& v, std::size_t max) {
        const std::size_t size = in_.count(max);
        if (size > 0) v = {pool_, as_text(in_.raw(size))};
    }
    void bytes(Bytes& v, std::size_t max) {
        const ByteView bytes = in_.bytes(max);
        v.assign(bytes.begin(), bytes.end());
    }
    template <typename N> void number(N& v) {
        v = narrow<N>(in_);
    }
    void index(std::uint32_t& v) { v = static_cast<std::uint32_t>(below(in_, none)) - 1; }
    /// Nearly always of a byte each, which are then read without waiting for each other.
    void parts(std::uint32_t& key, std::uint32_t& element, std::uint32_t& max) {
        if (const std::uint8_t* const at = in_.short_numbers<3>()) {
            key = std::uint32_t{at[0]} - 1;
            element = std::uint32_t{at[1]} - 1;
            max = at[2];
            return;
        }
        index(key);
        index(element);
        number(max);
    }
    void word(u64& v) { v = in_.uvarint(); }
    void flag(bool& v) {
        const auto byte = in_.u8();
        if (byte > 1) in_.fail();
        v = byte == 1;
    }
    template <typename E> void pick(E& v, unsigned count) {
        const auto byte = in_.u8();
        if (byte < count)
            v = static_cast<E>(byte);
        else
            in_.fail();
    }
    void integer(i64& v) { v = in_.varint(); }
    void wide(i128& v) { v = in_.varint128(); }
    void hash(Hash& v) { in_.read(v); }
    void code(std::vector<Instruction>& v, std::size_t max) {
        const std::size_t count = in_.count(max);
        const ByteView raw = in_.raw(count * sizeof(Instruction));
        if (raw.size() != count * sizeof(Instruction)) return in_.fail();
        v.resize(count);
        if (count > 0) std::memcpy(v.data(), raw.data(), raw.size());
        if constexpr (std::endian::native == std::endian::big)
            for (Instruction& in : v) in.imm = static_cast<std::int32_t>(__builtin_bswap32(static_cast<std::uint32_t>(in.imm)));
        const auto known = [](const Instruction& in) { return static_cast<std::size_t>(in.op) < op_count; };
        if (!std::all_of(v.begin(), v.end(), known)) in_.fail();
    }
    void names(NameList& v, std::size_t max) {
        named(v, max, [](ByteReader&, NamePlace&) {});
    }
    void fields(FieldList& v, std::size_t max) {
        named(v, max, [](ByteReader& in, FieldPlace& place) { place.type = narrow<std::uint32_t>(in); });
    }
    void words(Words& v, std::size_t max) {
        const std::size_t count = in_.count(max);
        if (count == 0) return; // of most rights
        std::uint32_t* const word = v.room(count, pool_);
        for (std::size_t i = 0; i < count; ++i) number(word[i]);
    }
    /// A false count is at most `max`, which reserves less than a megabyte, and nothing comes after it.
    template <typename T, typename Each>
    void list(std::vector<T>& v, std::size_t max, const Each& each) {
        const std::size_t count = in_.count(max);
        v.reserve(count);
        for (std::size_t i = 0; i < count && in_.ok(); ++i)
            each(*this, next(v));
    }
    template <typename T, typename Each>
    void list(Parts<T>& v, std::size_t max, const Each& each) {
        const std::size_t count = in_.count(max);
        if (count == 0) return;
        v = Parts<T>(pool_, count);
        for (std::size_t i = 0; i < count && in_.ok(); ++i)
            each(*this, v[i]);
    }
    bool enter(std::size_t max) {
        if (depth_ == max)
            in_.fail();
        else
            ++depth_;
        return in_.ok();
    }
    void leave() { --depth_; }

    ByteReader& in() { return in_; }

private:
    /// Made of this, a part is only what its members' initialisers say; `T()` would set all of it to zero before.
    template <typename T> struct Fresh {
        operator T() const { // NOLINT(google-explicit-constructor)
            T fresh;
            return fresh;
        }
    };
    template <typename T> static T& next(std::vector<T>& v) {
        if constexpr (std::is_class_v<T>)
            return v.emplace_back(Fresh<T>{});
        else
            return v.emplace_back();
    }

    [[gnu::noinline]] static void make(std::string& v, ByteView bytes) {
        std::destroy_at(&v);
        std::construct_at(&v, as_text(bytes));
    }

    /// Names, each followed by what stands beside it: kept in one piece, as it stands in the module.
    template <typename Place, typename Beside>
    void named(NamedList<Place>& v, std::size_t max, const Beside& beside) {
        const std::size_t count = in_.count(max);
        if (count == 0) return;
        const std::span<Place> places = pool_.row<Place>(count);
        ByteReader in(in_.ahead()); // in registers: through memory, each read would wait for the one before
        for (Place& place : places) {
            const std::size_t size = in.bytes(limits::name_bytes).size();
            place.at = static_cast<std::uint32_t>(in.position() - size);
            place.size = static_cast<std::uint32_t>(size);
            beside(in, place);
        }
        const ByteView bytes = in_.raw(in.position());
        if (in.ok())
            v = {pool_, places, as_text(bytes)};
        else
            in_.fail();
    }

    static u64 below(ByteReader& in, u64 max) {
        const u64 v = in.uvarint();
        if (v <= max) return v;
        in.fail();
        return 0;
    }
    template <typename N> static N narrow(ByteReader& in) { return static_cast<N>(below(in, std::numeric_limits<N>::max())); }

    ByteReader in_;
    Pool& pool_;
    std::size_t depth_ = 0;
};

ModuleError error(std::string what) { return {std::move(what)}; }

} // namespace

std::variant<Module, ModuleError> decode(ByteView bytes) {
    if (bytes.size() > limits::module_bytes) return error("the module is too large");
    Module module;
    Reader reader(bytes, module.pool);
    const ByteView magic = reader.in().raw(codec::magic.size());
    if (!std::equal(magic.begin(), magic.end(), codec::magic.begin(), codec::magic.end()))
        return error("not a Tally module");
    if (reader.in().uvarint() != isa_version) return error("the module is for another machine");
    if (reader.in().uvarint() != gas_schedule_version)
        return error("the module is for another gas schedule");
    codec::module(reader, module);
    if (!reader.in().done())
        return error("the module is damaged near byte " + std::to_string(reader.in().position()));
    assert(encode(module) == Bytes(bytes.begin(), bytes.end()) && "each read takes only what its write gives");
    return module;
}

} // namespace tally
