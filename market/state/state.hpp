#pragma once

#include "ledger/state/overlay.hpp"
#include "market/state/records.hpp"

#include <functional>

namespace market {

/// Key of a record in the flat table: its table's byte, then the canonical encoding of its key.
template <class Record>
Bytes state_key(const typename Record::Key& key)
{
    ledger::codec::Writer writer;
    writer.integer(static_cast<std::uint8_t>(Record::table), 1);
    writer.put(key);
    return writer.take();
}

/// Typed, read-only sight of the state. Throws ledger::StateFault when stored bytes are corrupt.
class View {
public:
    explicit View(const ledger::StateView& below) : below_{below} {}

    template <class Record>
    std::optional<Record> find(const typename Record::Key& key) const
    {
        const auto bytes = below_.get(state_key<Record>(key));
        if (!bytes) return {};
        return decoded<Record>(*bytes);
    }

    /// The record, or one as it is before anything happened to it.
    template <class Record>
    Record get(const typename Record::Key& key) const
    {
        auto found = find<Record>(key);
        return found ? std::move(*found) : Record{};
    }

    template <class Record>
    bool has(const typename Record::Key& key) const
    {
        return below_.get(state_key<Record>(key)).has_value();
    }

    /// Visits the records of a table in the order of their encoded keys, those whose encoded key
    /// begins with `prefix`; stops when `visit` returns false.
    template <class Record>
    void scan(ByteView prefix,
              const std::function<bool(const typename Record::Key&, const Record&)>& visit) const
    {
        Bytes from{static_cast<std::uint8_t>(Record::table)};
        ledger::append(from, prefix);
        below_.scan(from, [&](ByteView key, ByteView value) {
            return visit(decoded<typename Record::Key>(key.subspan(1)), decoded<Record>(value));
        });
    }

    const ledger::StateView& below() const { return below_; }

private:
    template <class T>
    static T decoded(ByteView bytes)
    {
        auto value = ledger::codec::decode<T>(bytes);
        if (!value) throw ledger::StateFault{"corrupt record: " + value.error().detail};
        return std::move(*value);
    }

    const ledger::StateView& below_;
};

/// A scratch copy of the state that a rule writes to: dropped whole when the rule refuses,
/// so a refusal changes nothing.
class State : public View {
public:
    explicit State(ledger::Overlay& overlay) : View{overlay}, overlay_{overlay} {}

    template <class Record>
    void put(const typename Record::Key& key, const Record& record)
    {
        overlay_.put(state_key<Record>(key), ledger::codec::encode(record));
    }

    template <class Record>
    void erase(const typename Record::Key& key)
    {
        overlay_.erase(state_key<Record>(key));
    }

private:
    ledger::Overlay& overlay_;
};

}  // namespace market
