#pragma once

#include "ledger/crypto/random.hpp"
#include "ledger/crypto/secp256k1_keys.hpp"
#include "market/label_rows.hpp"
#include "wallet/labels/label_table.hpp"

#include <vector>

/// An annotator's labels on their way over the ledger: one chunk under a key drawn for it, which is
/// sealed to the owner and to the arbiter. In it: 32 bytes from which the salts of the rows follow,
/// and for each item u16 label (0xffff: none) and u8 confidence, big-endian.
namespace wallet {

/// The keys that an order names for labels.
struct LabelReaders {
    ledger::X25519PublicKey owner;
    ledger::X25519PublicKey arbiter;
};

/// The salts' seed, from the annotator's key: the same labels submitted by another of its machines
/// have the same root.
ledger::Hash label_seed(const ledger::SecretKey& account, const market::LabelOrderId& order);

std::vector<market::LabelRow> label_rows(const std::vector<Label>& labels,
                                         const ledger::Hash& seed);
ledger::Hash root_of(const std::vector<market::LabelRow>& rows);

/// `invalid` where there is no label, or a reader's key is of small order.
ledger::Result<market::LabelSubmit> seal_labels(
    const std::vector<Label>& labels, const ledger::Hash& seed, const market::LabelOrderId& order,
    const ledger::Address& annotator, const LabelReaders& readers, ledger::Random& random);

struct OpenedLabels {
    std::vector<market::LabelRow> rows;
    ledger::SecretKey key;  ///< of the chunk's batch, to be sealed to somebody else
    std::vector<Label> labels() const;
};

/// `denied` when the wrap is not for this reader; `invalid` when what was sealed is not what the
/// submission commits to: other rows, another count, a label that is no class.
ledger::Result<OpenedLabels> open_labels(const market::LabelSubmit& submitted,
                                         const ledger::Address& annotator,
                                         const market::WrappedKey& wrap,
                                         const ledger::X25519Key& reader,
                                         const market::LabelOrder& ordered);

/// A key for somebody's eyes, with one of the infos of market/label_rows.hpp.
ledger::Result<market::WrappedKey> wrap_key(const ledger::SecretKey& key, const ledger::Hash& info,
                                            const ledger::X25519PublicKey& to,
                                            ledger::Random& random);

}  // namespace wallet
