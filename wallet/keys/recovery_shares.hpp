#pragma once

#include "wallet/keys/share_mnemonic.hpp"

#include "ledger/crypto/random.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace wallet {

/// Splits a secret of 16 to 64 bytes, an even number, into shares as words, any `threshold` of
/// which bring it back and fewer tell nothing (SLIP-0039, one group). 2 <= threshold <= count
/// <= 16. The passphrase, of printable ASCII, may be empty; another one brings another secret back,
/// and nothing tells which was right.
std::vector<ledger::SecretBytes> make_recovery_shares(ledger::ByteView secret,
                                                      std::size_t threshold, std::size_t count,
                                                      std::string_view passphrase,
                                                      ledger::Random& random);

/// How far shares are from a secret, for who types them one after another.
struct RecoveryState {
    bool enough = false;
    std::size_t needed = 0;  ///< more shares, at the least
};
/// `invalid` when they cannot be of one secret: another identifier, length or threshold, or two
/// that differ and claim the same place. The same share twice counts once.
ledger::Result<RecoveryState> recovery_state(std::span<const ShareMnemonic> shares);

/// The secret of enough shares, of one group or of several. Errors: as above; `invalid` when there
/// are not enough or their digest is wrong, `full` when the encryption asks for too much work.
ledger::Result<ledger::SecretBytes> recover_secret(std::span<const ShareMnemonic> shares,
                                                   std::string_view passphrase);

}  // namespace wallet
