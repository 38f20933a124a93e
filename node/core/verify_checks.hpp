#pragma once

#include "node/core/chain.hpp"
#include "node/core/verify.hpp"

/// What both ways of verifying a store share. For the sources of verify.hpp only.
namespace node {

/// `corrupt`, naming the block.
ledger::Error corrupt_block(ledger::Height, const std::string& what);

/// What execution does not look at; null when all is well.
const char* wrong_by_itself(const market::Network&, const ledger::Header&, const ledger::BlockBody&,
                            const Head& parent);

/// That the index finds the transactions of a block there.
Result<void> check_index(const ledger::BlockStore&, ledger::Height,
                         const std::vector<ledger::TxId>&);

/// verify_chain of a store that does not begin at genesis.
Result<VerifyReport> verify_from_base(const market::Network&, const ledger::BlockStore&,
                                      const std::function<void(ledger::Height)>& progress,
                                      const ledger::consensus::Verifier&);

}  // namespace node
