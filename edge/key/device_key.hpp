#pragma once

#include "edge/queue/batch_records.hpp"
#include "ledger/crypto/secp256k1_keys.hpp"

#include <string>

/// The key with which a device signs what it recorded: 64 hex digits and a line feed in a file that
/// only its owner can read.
namespace edge {

/// Draws a key and writes it, mode 0600, on the disk when this returns; after a crash the file is
/// whole or not there. `denied` when something has that name already, `full`, `io`.
ledger::Result<ledger::SecretKey> create_device_key(const std::string& path,
                                                    ledger::Random& random);
/// `not_found`; `denied` when others can read the file or it is somebody else's; `invalid` when it
/// holds no key or is no plain file; `io`.
ledger::Result<ledger::SecretKey> load_device_key(const std::string& path);

/// By which the queue knows an item whose source offers it again, told whatever tells it from
/// others: a name, a size, a time. Keyed, so that the queue's files do not give the text away.
ItemId item_id(const ledger::SecretKey& device, ledger::ByteView origin);

}  // namespace edge
