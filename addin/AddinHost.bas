Attribute VB_Name = "CrmXlHost"
Option Explicit
Option Private Module
' What differs between the add-in and a workbook that carries its functions itself: this one is the add-in's.

Public Function CrmShowsTab() As Boolean
    CrmShowsTab = True
End Function

Public Sub CrmBind(ByVal book As Workbook)
    ' A workbook of ours was written before it met this add-in: its functions show #NAME? until they are entered again.
    Dim sheet As Worksheet
    Dim area As Range
    Dim cell As Range
    On Error GoTo done
    If Not CrmIsOurs(book) Then Exit Sub
    For Each sheet In book.Worksheets
        If Not sheet.ProtectContents Then
            Set area = CrmErrors(sheet)
            If Not area Is Nothing Then
                For Each cell In area.Cells
                    If CrmHasFunction(cell.Formula) Then CrmEnterAgain cell
                Next
            End If
        End If
    Next
done:
End Sub

Private Function CrmIsOurs(ByVal book As Workbook) As Boolean
    Dim found As Object
    On Error Resume Next
    Set found = book.Names("FormulaForm")
    CrmIsOurs = Not found Is Nothing
End Function

Private Function CrmErrors(ByVal sheet As Worksheet) As Range
    On Error Resume Next
    Set CrmErrors = sheet.Cells.SpecialCells(xlCellTypeFormulas, xlErrors)
End Function

Private Sub CrmEnterAgain(ByVal cell As Range)
    On Error Resume Next
    If cell.Value2 = CVErr(xlErrName) Then
        If cell.HasSpill Then
            cell.Formula2 = cell.Formula2
        Else
            cell.Formula2 = cell.Formula
        End If
    End If
End Sub
