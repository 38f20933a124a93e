#pragma once

#include "ledger/base/amount.hpp"
#include "ledger/base/ids.hpp"

#include <string_view>

/// The market's own ids; everything of the ledger's vocabulary that rules use comes along.
namespace market {

using ledger::Address;
using ledger::Amount;
using ledger::BasisPoints;
using ledger::Bytes;
using ledger::ByteView;
using ledger::FixedBytes;
using ledger::Hash;
using ledger::Height;
using ledger::PartsPerMillion;
using ledger::Signature;
using ledger::TimeMs;
using ledger::TxId;

/// keccak EIP-712 digest of a ChannelConfig in the x402 domain.
using ChannelId = FixedBytes<struct ChannelIdTag, 32>;
/// SHA-256("millrace/model/v1" || owner || name): a model's line.
using ModelId = FixedBytes<struct ModelIdTag, 32>;
/// SHA-256("millrace/dataset/v1" || owner || name).
using DatasetId = FixedBytes<struct DatasetIdTag, 32>;
/// Names the bytes of one model version: skeleton and tensor table (edge.md A).
using ContentId = FixedBytes<struct ContentIdTag, 32>;

/// tx_id of the DataOffer that made it.
using OfferId = FixedBytes<struct OfferIdTag, 32>;
/// tx_id of the DataBuy that made it.
using SaleId = FixedBytes<struct SaleIdTag, 32>;
/// tx_id of the GpuOffer, GpuOrder, GpuBid or LeaseAccept that made it.
using GpuOfferId = FixedBytes<struct GpuOfferIdTag, 32>;
using GpuOrderId = FixedBytes<struct GpuOrderIdTag, 32>;
using GpuBidId = FixedBytes<struct GpuBidIdTag, 32>;
using LeaseId = FixedBytes<struct LeaseIdTag, 32>;
/// tx_id of the LabelOrder that made it.
using LabelOrderId = FixedBytes<struct LabelOrderIdTag, 32>;
/// The key of a sealed batch, sealed to one master key: `sealing::wrap_bytes`.
using WrappedKey = FixedBytes<struct WrappedKeyTag, 80>;
/// A number of secp256k1's group, big-endian, that somebody has made public.
using Scalar = FixedBytes<struct ScalarTag, 32>;

/// Version of a model, counted from 1; 0 stands for the model's line, served through aliases.
using Version = ledger::Named<struct VersionTag, std::uint32_t>;
constexpr Version model_line{0};

ModelId model_id(const Address& owner, std::string_view name);
DatasetId dataset_id(const Address& owner, std::string_view name);

/// keccak256("millrace/split/v1" || model || u32 ver || host)[12:]: who is paid, as an address.
Address split_address(const ModelId&, Version, const Address& host);

}  // namespace market
