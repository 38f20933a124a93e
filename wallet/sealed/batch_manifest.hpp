#pragma once

#include "ledger/transfer/batch_manifest.hpp"

namespace wallet {

using ledger::transfer::BatchManifest;
using ledger::transfer::manifest_bytes;
using ledger::transfer::manifest_text;
using ledger::transfer::MasterWrap;
using ledger::transfer::most_masters;
using ledger::transfer::parse_manifest;

}  // namespace wallet
