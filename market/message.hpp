#pragma once

#include "ledger/base/result.hpp"
#include "ledger/chain/transaction.hpp"
#include "ledger/codec/eip712.hpp"
#include "market/messages/channel.hpp"
#include "market/messages/credit.hpp"
#include "market/messages/data.hpp"
#include "market/messages/host.hpp"
#include "market/messages/label.hpp"
#include "market/messages/lease.hpp"
#include "market/messages/model.hpp"
#include "market/messages/sale.hpp"
#include "market/messages/transfer.hpp"
#include "market/messages/validator.hpp"
#include "market/messages/verify.hpp"

#include <nlohmann/json_fwd.hpp>

#include <variant>

namespace market {

/// Every message there is. A message's number on the wire is fixed for good in `type_of`.
using Message = std::variant<
    Transfer, TransferWithAuth, HostRegister, HostKey, HostUnbond, HostUnbondFinal, ModelRegister,
    ModelVersion, ModelEval, ModelAlias, ModelPrice, ModelHost, ModelYank, ChannelDeposit,
    ChannelClaim, ChannelDispute, ChannelFinalize, ChannelRefund, ChannelWithdrawInit,
    ChannelWithdrawFinal, CreditIssue, AccountAdmit, StatementClose, DataClaim, ValidatorJoin,
    ValidatorPower, ValidatorLeave, ValidatorWithdraw, ValidatorSet, ValidatorEvidence,
    PermitSettle, ChannelChainClaim, DatasetRegister, DeviceEnroll, DeviceRevoke, DataContribute,
    DataPreview, DataOffer, DataOfferWithdraw, DataBuy, DataRelease, DataTimeout, DataFinalize,
    DataDispute, GpuOffer, GpuOrder, GpuCancel, GpuBid, LeaseAccept, LeaseStart, LeaseCheckpoint,
    LeaseClaim, LeaseReclaim, LeaseClose, LeaseTimeout, VerifierJoin, VerifierLeave, VerifyAssign,
    VerifyReport, VerifyReveal, DisputeOpen, JuryCommit, JuryReveal, LeaseSettle, LabelOrder,
    LabelAgree, LabelOrderClose, LabelTake, LabelHand, LabelReturn, LabelSubmit, LabelReview,
    LabelAppeal, LabelDecide, LabelTimeout>;

/// Number of a message on the wire.
std::uint16_t type_of(const Message&);
/// Name of a message, as in EIP-712 and JSON: "ChannelClaim".
std::string_view name_of(const Message&);

Bytes encode_message(const Message&);
/// `invalid` on an unknown type or version, or a body that is not the message's one encoding.
ledger::Result<Message> decode_message(std::uint16_t type, std::uint8_t version, ByteView body);

/// {"type":"Transfer", ...members}
nlohmann::json message_json(const Message&);
ledger::Result<Message> message_from_json(const nlohmann::json&);

/// What the sender signs: the envelope with this message as EIP-712 typed data.
TxId transaction_id(const Hash& domain_separator, const ledger::Transaction& envelope,
                    const Message&);

/// The envelope around an encoded message, unsigned.
ledger::Transaction make_transaction(const Address& sender, ledger::Lane, ledger::Nonce, Amount fee,
                                     std::uint64_t valid_until, const Message&);

}  // namespace market
