#pragma once

#include "ledger/base/result.hpp"
#include "ledger/codec/describe.hpp"
#include "ledger/codec/types.hpp"

/// The one canonical binary encoding (see ledger/README.md): big-endian fixed-width integers;
/// bool, enum and the presence of an optional are one byte; text, bytes, lists and maps carry a
/// u32 count first; map keys ascend; structs are their members in order, without anything between.
/// Every value has exactly one encoding and the reader takes no other.
namespace ledger::codec {

class Writer {
public:
    void integer(std::uint64_t value, unsigned bytes)
    {
        for (unsigned shift = bytes * 8; shift != 0; shift -= 8)
            out_.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
    }
    void raw(ByteView bytes) { append(out_, bytes); }
    /// A count or length; at most 2^32 - 1.
    void count(std::size_t n)
    {
        ensure(n <= 0xffffffffu, "a list fits its count");
        integer(n, 4);
    }

    template <class T>
    void put(const T& value)
    {
        if constexpr (std::is_same_v<T, bool>) {
            integer(value ? 1 : 0, 1);
        } else if constexpr (UnsignedInteger<T>) {
            integer(value, sizeof(T));
        } else if constexpr (DescribedEnum<T>) {
            integer(static_cast<std::uint64_t>(value), 1);
        } else if constexpr (NamedLike<T> || ShareLike<T> || WideLike<T>) {
            put(value.value);
        } else if constexpr (std::is_same_v<T, Amount>) {
            put(value.micros());
        } else if constexpr (FixedBytesLike<T>) {
            raw(value.bytes);
        } else if constexpr (std::is_same_v<T, std::string>) {
            count(value.size());
            raw(as_bytes(value));
        } else if constexpr (std::is_same_v<T, Bytes>) {
            count(value.size());
            raw(value);
        } else if constexpr (ListLike<T>) {
            count(value.size());
            for (const auto& item : value) put(item);
        } else if constexpr (OptionalLike<T>) {
            integer(value ? 1 : 0, 1);
            if (value) put(*value);
        } else if constexpr (MapLike<T>) {
            count(value.size());
            for (const auto& [key, item] : value) {
                put(key);
                put(item);
            }
        } else {
            static_assert(Described<T>, "describe the struct with MILLRACE_DESCRIBE");
            for_each_member(value, [this](auto, const auto& member) { put(member); });
        }
    }

    Bytes take() { return std::move(out_); }

private:
    Bytes out_;
};

/// Fewest bytes an encoded T can have: a list's count is checked against it before memory is taken.
template <class T>
constexpr std::size_t min_size()
{
    if constexpr (std::is_same_v<T, bool> || DescribedEnum<T> || OptionalLike<T>) {
        return 1;
    } else if constexpr (UnsignedInteger<T>) {
        return sizeof(T);
    } else if constexpr (NamedLike<T>) {
        return sizeof(typename T::rep);
    } else if constexpr (WideLike<T> || std::is_same_v<T, Amount>) {
        return 8;
    } else if constexpr (FixedBytesLike<T>) {
        return T::size;
    } else if constexpr (ShareLike<T> || std::is_same_v<T, std::string> ||
                         std::is_same_v<T, Bytes> || ListLike<T> || MapLike<T>) {
        return 4;
    } else {
        static_assert(Described<T>);
        std::size_t sum = 0;
        boost::mp11::mp_for_each<Members<T>>([&](auto member) {
            sum += min_size<std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>>();
        });
        return sum == 0 ? 1 : sum;
    }
}

/// Reads what Writer wrote and nothing else. After the first failure every read fails and
/// `error` says what was wrong and at which byte.
class Reader {
public:
    explicit Reader(ByteView in) : in_{in} {}

    template <class T>
    bool get(T& value)
    {
        if constexpr (std::is_same_v<T, bool>) {
            std::uint64_t byte = 0;
            if (!integer(byte, 1)) return false;
            if (byte > 1) return fail("a bool is 0 or 1");
            value = byte == 1;
            return true;
        } else if constexpr (UnsignedInteger<T>) {
            std::uint64_t read = 0;
            if (!integer(read, sizeof(T))) return false;
            value = static_cast<T>(read);
            return true;
        } else if constexpr (DescribedEnum<T>) {
            std::uint64_t byte = 0;
            if (!integer(byte, 1)) return false;
            const auto known = enum_from<T>(byte);
            if (!known) return fail("unknown enumerator");
            value = *known;
            return true;
        } else if constexpr (WideLike<T>) {
            if (!get(value.value)) return false;
            if constexpr (T::bits < 64)
                if (value.value >> T::bits != 0) return fail("number has too many bits");
            return true;
        } else if constexpr (NamedLike<T> || ShareLike<T>) {
            return get(value.value);
        } else if constexpr (std::is_same_v<T, Amount>) {
            std::uint64_t micros = 0;
            if (!get(micros)) return false;
            value = Amount::micros(micros);
            return true;
        } else if constexpr (FixedBytesLike<T>) {
            const auto view = take(T::size);
            if (failed()) return false;
            value = T::of(view);
            return true;
        } else if constexpr (std::is_same_v<T, std::string>) {
            const auto view = sized();
            if (failed()) return false;
            if (!is_utf8(view)) return fail("text is not UTF-8");
            value.assign(as_text(view));
            return true;
        } else if constexpr (std::is_same_v<T, Bytes>) {
            const auto view = sized();
            if (failed()) return false;
            value.assign(view.begin(), view.end());
            return true;
        } else if constexpr (ListLike<T>) {
            std::size_t n = 0;
            if (!count(n, min_size<typename T::value_type>())) return false;
            value.clear();
            value.reserve(n);
            for (std::size_t i = 0; i < n; ++i)
                if (!get(value.emplace_back())) return false;
            return true;
        } else if constexpr (OptionalLike<T>) {
            bool present = false;
            if (!get(present)) return false;
            if (!present) return value.reset(), true;
            return get(value.emplace());
        } else if constexpr (MapLike<T>) {
            return map(value);
        } else {
            static_assert(Described<T>, "describe the struct with MILLRACE_DESCRIBE");
            bool good = true;
            for_each_member(value, [&](auto, auto& member) { good = good && get(member); });
            return good;
        }
    }

    /// The next `n` bytes, unread bytes left untouched when there are fewer.
    ByteView take(std::size_t n);
    /// A u32 length and that many bytes.
    ByteView sized();

    std::size_t remaining() const { return in_.size() - at_; }
    bool failed() const { return !error_.empty(); }
    const std::string& error() const { return error_; }
    /// Fails when bytes are left over.
    bool finish();

private:
    bool integer(std::uint64_t& value, unsigned bytes);
    bool count(std::size_t& n, std::size_t least_each);
    bool fail(const char* what);
    static bool is_utf8(ByteView text);

    template <class Map>
    bool map(Map& value)
    {
        using Key = typename Map::key_type;
        using Item = typename Map::mapped_type;
        std::size_t n = 0;
        if (!count(n, min_size<Key>() + min_size<Item>())) return false;
        value.clear();
        for (std::size_t i = 0; i < n; ++i) {
            Key key{};
            Item item{};
            if (!get(key) || !get(item)) return false;
            if (!value.empty() && !(std::prev(value.end())->first < key))
                return fail("map keys must ascend");
            value.emplace_hint(value.end(), std::move(key), std::move(item));
        }
        return true;
    }

    ByteView in_;
    std::size_t at_ = 0;
    std::string error_;
};

template <class T>
Bytes encode(const T& value)
{
    Writer writer;
    writer.put(value);
    return writer.take();
}

/// Exactly one T and no byte more; `invalid` says what was wrong, and where.
template <class T>
Result<T> decode(ByteView bytes)
{
    Reader reader{bytes};
    T value{};
    if (!reader.get(value) || !reader.finish()) return Error{ErrorKind::invalid, reader.error()};
    return value;
}

}  // namespace ledger::codec
