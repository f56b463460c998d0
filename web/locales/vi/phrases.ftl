# Cụm từ nằm trong câu khác: tên đại lượng, giá trị phải thế nào, vì sao.
phrase-between = giữa {$low} và {$high}
phrase-above = lớn hơn {$low}
phrase-from-to = từ {$low} đến {$high}
phrase-from-1-to-those-of-the-plan = từ 1 đến {$most} theo kế hoạch
phrase-all = mọi tầng
phrase-name-at-least-one-variable = hãy nêu ít nhất một biến
phrase-standard-error-of = sai số chuẩn của {$name}
phrase-cost-in = chi phí ở tầng {$stratum}
phrase-joint-probabilities = phép tính xác suất chọn đồng thời
phrase-quota-sample = hạn mức
phrase-open-link-sample = qua đường dẫn mở
phrase-replicates-with-some-in-reserve = {$replicates}, trong đó {$reserve} dự phòng
phrase-number-for-a-unit = {$number} ở đơn vị {$unit}
phrase-a-number = một số
phrase-side-of-a-cell = cạnh của ô
phrase-above-0-for-one-of-them = lớn hơn 0 ở ít nhất một mục, để biết ngân sách đủ cho bao nhiêu
phrase-row = dòng {$row}
