#pragma once

#include "ledger/codec/binary.hpp"
#include "node/payment/payment_journal.hpp"

namespace node {

/// Visits the records of a range, decoded, until `visit` says false. Errors: the journal's,
/// `corrupt`.
template <class Record, class Visit>
ledger::Result<void> scan_records(const PaymentJournal& journal, const ledger::JournalRange& range,
                                  Visit&& visit)
{
    std::optional<ledger::Error> wrong;
    const auto read = journal.scan(range, [&](ledger::ByteView key, ledger::ByteView value) {
        auto record = ledger::codec::decode<Record>(value);
        if (!record) {
            wrong = ledger::Error{ledger::ErrorKind::corrupt, record.error().detail};
            return false;
        }
        return static_cast<bool>(visit(key, std::move(*record)));
    });
    if (!read) return read.error();
    if (wrong) return *wrong;
    return {};
}

}  // namespace node
