/**
 * Every refusal of a request: a stable code, its HTTP status, and the user's text in both
 * languages. The code is the contract; the texts may change.
 */
export const problems = {
  invalid_host: {
    status: 400,
    en: "The Host header does not name one host.",
    zh: "Host 请求头未指明唯一的主机。",
  },
  malformed_json: { status: 400, en: "The body is not valid JSON.", zh: "请求体不是有效的 JSON。" },
  unauthenticated: { status: 401, en: "Please sign in.", zh: "请先登录。" },
  cross_origin: {
    status: 403,
    en: "This request did not come from a page of this site.",
    zh: "该请求并非来自本站页面。",
  },
  forbidden: {
    status: 403,
    en: "This is for the organisers of lectures.",
    zh: "此功能仅供讲座组织者使用。",
  },
  not_eligible: {
    status: 403,
    en: "This lecture is open to certain groups only, and you are in none of them.",
    zh: "该讲座仅面向特定群体开放，您不在其中。",
  },
  route_not_found: { status: 404, en: "There is nothing at this address.", zh: "该地址不存在。" },
  lecture_not_found: { status: 404, en: "There is no such lecture.", zh: "讲座不存在。" },
  reservation_not_found: { status: 404, en: "There is no such reservation.", zh: "预约不存在。" },
  host_not_found: { status: 404, en: "There is no such host.", zh: "没有该主办方。" },
  amendment_not_found: {
    status: 404,
    en: "There is no such change of a lecture.",
    zh: "没有这项讲座变更。",
  },
  method_not_allowed: {
    status: 405,
    en: "This address does not take that method.",
    zh: "该地址不支持此请求方法。",
  },
  body_incomplete: {
    status: 408,
    en: "The body did not arrive in time.",
    zh: "请求体未能及时到达。",
  },
  not_open: { status: 409, en: "Booking has not opened yet.", zh: "预约尚未开始。" },
  closed: { status: 409, en: "Booking has closed.", zh: "预约已结束。" },
  sold_out: { status: 409, en: "All seats are taken.", zh: "名额已满。" },
  already_reserved: {
    status: 409,
    en: "You already hold a seat at this lecture.",
    zh: "您已预约该讲座。",
  },
  lecture_cancelled: { status: 409, en: "This lecture has been cancelled.", zh: "该讲座已取消。" },
  not_cancellable: {
    status: 409,
    en: "This reservation holds no seat to give back.",
    zh: "该预约没有可取消的名额。",
  },
  too_late: {
    status: 409,
    en: "It is too late to give this seat back.",
    zh: "已超过可取消的时间，无法退回名额。",
  },
  overlaps: {
    status: 409,
    en: "You hold a seat at another lecture at the same hours.",
    zh: "您已预约同一时段的其他讲座。",
  },
  not_decided: {
    status: 409,
    en: "This reservation is still being decided.",
    zh: "该预约仍在处理中。",
  },
  undeliverable: {
    status: 409,
    en: "The booking could not be processed. Please book again.",
    zh: "预约未能处理，请重新预约。",
  },
  seats_given: {
    status: 409,
    en: "More seats are given than the lecture would have.",
    zh: "已预约的名额多于变更后的名额。",
  },
  version_conflict: {
    status: 412,
    en: "The lecture has changed meanwhile.",
    zh: "该讲座已被他人修改。",
  },
  body_too_large: { status: 413, en: "The body is too large.", zh: "请求体过大。" },
  uri_too_long: { status: 414, en: "The address is too long.", zh: "请求地址过长。" },
  unsupported_media_type: {
    status: 415,
    en: "Please send application/json, or text/csv where a file is taken, not compressed.",
    zh: "请使用未压缩的 application/json，上传文件时使用 text/csv。",
  },
  invalid_request: { status: 422, en: "The request is not valid.", zh: "请求内容无效。" },
  invalid_amendment: {
    status: 422,
    en: "The lecture would make no sense after this change.",
    zh: "变更后的讲座信息不合理。",
  },
  invalid_import: {
    status: 422,
    en: "Nothing was imported: the file is not as it must be.",
    zh: "未导入任何讲座：文件不符合要求。",
  },
  key_reused: {
    status: 422,
    en: "This Idempotency-Key stands for another request.",
    zh: "该 Idempotency-Key 已用于另一请求。",
  },
  precondition_required: {
    status: 428,
    en: "Please say which version you change: If-Match.",
    zh: "请用 If-Match 指明所修改的版本。",
  },
  throttled: {
    status: 429,
    en: "One attempt in ten seconds for a lecture. Please wait.",
    zh: "同一讲座 10 秒内只能预约一次，请稍候。",
  },
  rate_limited: {
    status: 429,
    en: "Too many requests. Please wait a moment.",
    zh: "请求过于频繁，请稍候。",
  },
  internal: { status: 500, en: "Something went wrong on our side.", zh: "服务器内部错误。" },
  not_ready: {
    status: 503,
    en: "Booking for this lecture is getting ready. Please try again shortly.",
    zh: "该讲座的预约正在准备中，请稍后重试。",
  },
  unavailable: {
    status: 503,
    en: "The service is busy. Please try again shortly.",
    zh: "服务繁忙，请稍后重试。",
  },
  overloaded: {
    status: 503,
    en: "More people are asking than we can answer. Please try again shortly.",
    zh: "当前访问人数过多，请稍后重试。",
  },
  too_many_streams: {
    status: 503,
    en: "Too many live updates are open. Please poll instead.",
    zh: "实时连接过多，请改用轮询。",
  },
} as const satisfies Record<string, { status: number; en: string; zh: string }>;

export type ProblemCode = keyof typeof problems;

/**
 * The URI that names a kind of problem (RFC 9457). A tag (RFC 4151) is only a name: it leads
 * nowhere.
 */
export function problemType(code: ProblemCode): string {
  return `tag:lectern.example,2026:problem:${code}`;
}

export function isProblemCode(code: unknown): code is ProblemCode {
  return typeof code === "string" && Object.hasOwn(problems, code);
}
